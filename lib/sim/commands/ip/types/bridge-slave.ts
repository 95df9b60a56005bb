import { linkName } from '../../../linux/link/find.ts';
import { getLink } from '../../../linux/link/linkwatch.ts';
import type { BridgePort, Link } from '../../../linux/types.ts';
import { Exit, getUnsigned, invarg, matches, onOff, type Printer } from '../../../text/iproute.ts';
import type { Ip } from '../context.ts';
import { bridgeId, timer } from './bridge.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';

/** Switches of a port: the word and the field. */
export const PORT_SWITCHES: Readonly<Record<string, keyof BridgePort>> = {
  hairpin: 'hairpin',
  guard: 'guard',
  root_block: 'rootBlock',
  fastleave: 'fastLeave',
  learning: 'learning',
  flood: 'flood',
  mcast_flood: 'mcastFlood',
  bcast_flood: 'bcastFlood',
  isolated: 'isolated',
  proxy_arp: 'proxyArp',
  neigh_suppress: 'neighSuppress',
  mcast_fast_leave: 'fastLeave',
  mcast_to_unicast: 'mcastToUnicast',
  vlan_tunnel: 'vlanTunnel',
  locked: 'locked',
  proxy_arp_wifi: 'proxyArpWifi',
};
const STATES: readonly BridgePort['state'][] = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

export const bridgeSlave = defineLinkType({
  kind: 'bridge_slave',
  parse: (ip, args, spec) => {
    const data = dataOf(spec);
    for (; args.more; args.skip()) {
      const word = args.word;
      const field = Object.entries(PORT_SWITCHES).find(([name]) => matches(word, name));
      if (matches(word, 'state')) {
        const state = getUnsigned(args.next(), 255);
        if (state === null) throw invarg('state is invalid', args.word);
        data.state = STATES[state] ?? 'invalid';
      } else if (matches(word, 'mcast_router')) {
        const router = getUnsigned(args.next(), 255);
        if (router === null) throw invarg('mcast_router is invalid', args.word);
        data.mcastRouter = router;
      } else if (matches(word, 'group_fwd_mask')) {
        const mask = getUnsigned(args.next(), 65535);
        if (mask === null) throw invarg('invalid group_fwd_mask', args.word);
        data.groupFwdMask = mask;
      } else if (matches(word, 'fdb_flush')) data.flush = true;
      else if (matches(word, 'backup_port')) {
        const backup = getLink(ip.world, ip.ns, args.next());
        if (!backup) throw new Exit(255, `Error: argument "${args.word}" is wrong: device does not exist\n\n`);
        data.backupPort = backup.ifindex;
      } else if (matches(word, 'nobackup_port')) data.backupPort = 0;
      else if (matches(word, 'priority')) {
        const priority = getUnsigned(args.next(), 65535);
        if (priority === null) throw invarg('priority is invalid', args.word);
        data.priority = priority;
      } else if (matches(word, 'cost')) {
        const cost = getUnsigned(args.next());
        if (cost === null) throw invarg('cost is invalid', args.word);
        data.cost = cost;
      } else if (field) {
        const value = args.next();
        if (value !== 'on' && value !== 'off')
          throw new Exit(1, `Error: argument of "${field[0]}" must be one of "off", "on", not "${value}"\n`);
        data[field[1]] = onOff(field[0], value);
      } else throw unknownWord('bridge_slave', word);
    }
  },
});

/** A port's part of `ip -d link`. */
export function printBridgePort(ip: Ip, p: Printer, link: Link): void {
  const port = link.port as BridgePort;
  const master = ip.ns.links.get(link.master);
  const id = master ? bridgeId(master) : '';
  const flag = (word: string, on: boolean, key = word) => p.any(key, on, `${word} ${on ? 'on' : 'off'} `);
  const portId = ((port.priority << 10) | port.portNo) & 0xffff;
  p.any('state', port.state, `state ${port.state} `);
  p.any('priority', port.priority, `priority ${port.priority} `);
  p.any('cost', port.cost, `cost ${port.cost} `);
  flag('hairpin', port.hairpin);
  flag('guard', port.guard);
  flag('root_block', port.rootBlock);
  flag('fastleave', port.fastLeave);
  flag('learning', port.learning);
  flag('flood', port.flood);
  p.any('id', `0x${portId.toString(16)}`, `port_id 0x${portId.toString(16)} `);
  p.any('no', `0x${port.portNo.toString(16)}`, `port_no 0x${port.portNo.toString(16)} `);
  p.any('designated_port', portId, `designated_port ${portId} `);
  p.any('designated_cost', 0, 'designated_cost 0 ');
  p.any('bridge_id', id, `designated_bridge ${id} `);
  p.any('root_id', id, `designated_root ${id} `);
  for (const key of ['hold_timer', 'message_age_timer', 'forward_delay_timer']) timer(p, key);
  p.any('topology_change_ack', 0, 'topology_change_ack 0 ');
  p.any('config_pending', 0, 'config_pending 0 ');
  flag('proxy_arp', port.proxyArp);
  flag('proxy_arp_wifi', port.proxyArpWifi);
  p.any('multicast_router', port.mcastRouter, `mcast_router ${port.mcastRouter} `);
  p.fp(`mcast_fast_leave ${port.fastLeave ? 'on' : 'off'} `);
  flag('mcast_flood', port.mcastFlood);
  flag('bcast_flood', port.bcastFlood);
  flag('mcast_to_unicast', port.mcastToUnicast);
  flag('neigh_suppress', port.neighSuppress);
  const mask = `${port.groupFwdMask ? '0x' : ''}${port.groupFwdMask.toString(16)}`;
  p.any('group_fwd_mask', mask, `group_fwd_mask ${mask} `);
  p.any(
    'group_fwd_mask_str',
    `0x${port.groupFwdMask.toString(16)}`,
    `group_fwd_mask_str 0x${port.groupFwdMask.toString(16)} `,
  );
  flag('vlan_tunnel', port.vlanTunnel);
  flag('isolated', port.isolated);
  flag('locked', port.locked);
  if (port.backupPort)
    p.any('backup_port', linkName(ip.ns, port.backupPort), `backup_port ${linkName(ip.ns, port.backupPort)} `);
}
