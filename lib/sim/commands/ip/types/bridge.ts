import { formatMac } from '../../../addr/mac.ts';
import type { BridgeData, Link } from '../../../linux/types.ts';
import { Exit, getUnsigned, invarg, matches, notModelledExit, type Printer } from '../../../text/iproute.ts';
import { lladdrBytes, macOfBytes } from '../parse.ts';
import { dataOf, defineLinkType, unknownWord } from './type.ts';

/** Number attributes in the order the parser tries them, with the largest value each takes. */
const NUMBERS: readonly [string, number][] = [
  ['forward_delay', 4294967295],
  ['hello_time', 4294967295],
  ['max_age', 4294967295],
  ['ageing_time', 4294967295],
  ['stp_state', 4294967295],
  ['priority', 65535],
  ['vlan_filtering', 255],
  ['group_fwd_mask', 65535],
  ['vlan_default_pvid', 65535],
  ['mcast_router', 255],
  ['mcast_snooping', 255],
  ['mcast_query_use_ifaddr', 255],
  ['mcast_querier', 255],
  ['mcast_hash_elasticity', 4294967295],
  ['mcast_hash_max', 4294967295],
  ['mcast_last_member_count', 4294967295],
  ['mcast_startup_query_count', 4294967295],
  ['mcast_last_member_interval', Number.MAX_SAFE_INTEGER],
  ['mcast_membership_interval', Number.MAX_SAFE_INTEGER],
  ['mcast_querier_interval', Number.MAX_SAFE_INTEGER],
  ['mcast_query_interval', Number.MAX_SAFE_INTEGER],
  ['mcast_query_response_interval', Number.MAX_SAFE_INTEGER],
  ['mcast_startup_query_interval', Number.MAX_SAFE_INTEGER],
  ['mcast_stats_enabled', 255],
  ['mcast_igmp_version', 255],
  ['mcast_mld_version', 255],
  ['nf_call_iptables', 255],
  ['nf_call_ip6tables', 255],
  ['nf_call_arptables', 255],
  ['no_linklocal_learn', 255],
];

/** `8000.2:0:0:0:0:a`: priority and address of a bridge. */
export const bridgeId = (link: Link): string => {
  const br = link.data as BridgeData;
  const parts = formatMac(link.mac)
    .split(':')
    .map((part) => Number.parseInt(part, 16).toString(16));
  return `${(br.opts.priority ?? 32768).toString(16).padStart(4, '0')}.${parts.join(':')}`;
};

/** A time as `%7.2f`, in a field of seven. */
export const timer = (p: Printer, key: string, seconds = 0): void =>
  p.any(key, seconds, `${key} ${seconds.toFixed(2).padStart(7)} `);

export const bridgeType = defineLinkType({
  kind: 'bridge',
  parse: (_ip, args, spec) => {
    const data = dataOf(spec);
    for (; args.more; args.skip()) {
      const word = args.word;
      const entry = NUMBERS.find(([name]) => matches(word, name));
      if (entry) {
        const value = getUnsigned(args.next(), entry[1]);
        if (value === null) throw invarg(`invalid ${entry[0]}`, args.word);
        data[entry[0]] = value;
      } else if (matches(word, 'group_address')) {
        const mac = macOfBytes(lladdrBytes(args.next()));
        if (mac === null) throw new Exit(1);
        data.group_address = mac;
      } else if (matches(word, 'fdb_flush')) data.fdb_flush = 1;
      else if (
        ['vlan_protocol', 'vlan_stats_enabled', 'vlan_stats_per_port', 'mcast_vlan_snooping'].some((w) =>
          matches(word, w),
        )
      ) {
        throw notModelledExit(`bridge ${word}`);
      } else throw unknownWord('bridge', word);
    }
  },
  print: (_ip, p, link) => {
    const br = link.data as BridgeData;
    const o = br.opts;
    const id = bridgeId(link);
    const n = (key: string, value = o[key] ?? 0, jsonKey = key) => p.any(jsonKey, value, `${key} ${value} `);
    for (const key of ['forward_delay', 'hello_time', 'max_age']) n(key);
    n('ageing_time', br.ageingTime);
    n('stp_state', br.stp ? 1 : 0);
    n('priority');
    n('vlan_filtering', br.vlanFiltering ? 1 : 0);
    if (o.vlan_used) p.any('vlan_protocol', '802.1Q', 'vlan_protocol 802.1Q ');
    p.any('bridge_id', id, `bridge_id ${id} `);
    p.any('root_id', id, `designated_root ${id} `);
    for (const key of ['root_port', 'root_path_cost', 'topology_change', 'topology_change_detected']) n(key, 0);
    for (const key of ['hello_timer', 'tcn_timer', 'topology_change_timer', 'gc_timer']) timer(p, key);
    if (o.vlan_used) {
      n('vlan_default_pvid', br.vlanDefaultPvid);
      n('vlan_stats_enabled', 0);
      n('vlan_stats_per_port', 0);
    }
    const mask = o.group_fwd_mask ? `0x${o.group_fwd_mask.toString(16)}` : '0';
    p.any('group_fwd_mask', mask, `group_fwd_mask ${mask} `);
    const group = formatMac(o.group_address ?? 0x0180c2000000);
    p.any('group_addr', group, `group_address ${group} `);
    n('mcast_snooping', br.mcastSnooping ? 1 : 0);
    // JSON has these under shorter names: mcast_last_member_cnt, mcast_query_intvl …
    for (const key of [
      'no_linklocal_learn',
      'mcast_vlan_snooping',
      'mcast_router',
      'mcast_query_use_ifaddr',
      'mcast_querier',
      'mcast_hash_elasticity',
      'mcast_hash_max',
      'mcast_last_member_count',
      'mcast_startup_query_count',
      'mcast_last_member_interval',
      'mcast_membership_interval',
      'mcast_querier_interval',
      'mcast_query_interval',
      'mcast_query_response_interval',
      'mcast_startup_query_interval',
      'mcast_stats_enabled',
      'mcast_igmp_version',
      'mcast_mld_version',
      'nf_call_iptables',
      'nf_call_ip6tables',
      'nf_call_arptables',
    ])
      n(key, o[key] ?? 0, key.startsWith('mcast_') ? key.replace(/count$/, 'cnt').replace(/interval$/, 'intvl') : key);
  },
});
