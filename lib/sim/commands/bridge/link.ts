/** `bridge link`: bridge/link.c. */
import { changePort, type PortChange } from '../../linux/link/bridge.ts';
import { iflink, linkName, linksByIndex } from '../../linux/link/find.ts';
import { linkFlags } from '../../linux/link/flags.ts';
import type { BridgePort, Link } from '../../linux/types.ts';
import { Args, Exit, matches, type Printer } from '../../text/iproute.ts';
import { type Bridge, device, printerFor, refused } from './context.ts';
import { USAGE } from './help.ts';

const SWITCHES: Readonly<Record<string, keyof BridgePort>> = {
  guard: 'guard',
  hairpin: 'hairpin',
  fastleave: 'fastLeave',
  root_block: 'rootBlock',
  learning: 'learning',
  flood: 'flood',
  mcast_flood: 'mcastFlood',
  bcast_flood: 'bcastFlood',
  neigh_suppress: 'neighSuppress',
  isolated: 'isolated',
  mcast_to_unicast: 'mcastToUnicast',
  vlan_tunnel: 'vlanTunnel',
  locked: 'locked',
};
const STATES: readonly BridgePort['state'][] = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];
/** parse_on_off of bridge(8), which ends with -EINVAL. */
function onOff(key: string, word: string): boolean {
  if (word === 'on' || word === 'off') return word === 'on';
  throw new Exit(234, `Error: argument of "${key}" must be one of "off", "on", not "${word}"\n`);
}

/** atoi(3). */
const atoi = (text: string): number => Number.parseInt(text, 10) || 0;

function set(b: Bridge, words: readonly string[]): number {
  const args = new Args(words);
  let dev: string | null = null;
  let self = false;
  let backup: string | null = null;
  const change: Partial<Record<keyof PortChange, unknown>> = {};
  for (; args.more; args.skip()) {
    const word = args.word;
    const key = SWITCHES[word];
    if (word === 'dev') dev = args.next();
    else if (key) change[key] = onOff(word, args.next());
    else if (word === 'cost') change.cost = atoi(args.next());
    else if (word === 'priority') change.priority = atoi(args.next());
    else if (word === 'mcast_router') change.mcastRouter = atoi(args.next());
    else if (word === 'learning_sync') onOff(word, args.next());
    else if (word === 'state') {
      const text = args.next();
      const number = /^-?\d+$/.test(text) ? Number(text) : STATES.indexOf(text.toLowerCase() as BridgePort['state']);
      if (number < 0 && !/^-/.test(text)) throw new Exit(255, 'Error: invalid STP port state\n');
      change.state = STATES[number] ?? 'invalid';
    } else if (word === 'hwmode') {
      const mode = args.next();
      if (mode !== 'veb' && mode !== 'vepa') throw new Exit(255, 'Mode argument must be "vepa" or "veb".\n');
      self = true;
    } else if (word === 'backup_port') backup = args.next();
    else if (word === 'nobackup_port') change.backupPort = 0;
    else if (word === 'self') self = true;
    else if (word === 'master') continue;
    else if (matches(word, 'help')) throw new Exit(255, USAGE.link);
    else throw new Exit(255, USAGE.link);
  }
  if (dev === null) throw new Exit(255, 'Device is a required argument.\n');
  const link = device(b, dev, 'bridge device');
  if (backup !== null) change.backupPort = device(b, backup).ifindex;
  if (!link.port || self) throw refused({ errno: 'EOPNOTSUPP' });
  // A cost of 0 is as if it were not given.
  if (change.cost === 0) delete change.cost;
  const error = changePort(b.ns, link, change as PortChange);
  if (error) throw refused(error);
  return 0;
}

function show(b: Bridge, words: readonly string[]): number {
  let dev: string | null = null;
  const args = new Args(words);
  for (; args.more; args.skip()) {
    if (args.word === 'dev') {
      if (dev !== null) throw new Exit(255, `Error: duplicate "dev": "${args.next()}" is the second value.\n`);
      dev = args.next();
    }
  }
  const only = dev === null ? null : device(b, dev);
  const p = printerFor(b);
  for (const link of linksByIndex(b.ns)) {
    if (!link.port || (only && link !== only)) continue;
    print(b, p, link, link.port);
  }
  b.out += p.output(b.opts.pretty);
  return 0;
}

function print(b: Bridge, p: Printer, link: Link, port: BridgePort): void {
  const at = iflink(b.world, b.ns, link);
  // IFLA_LINK is left out where a peer elsewhere happens to have the port's own number.
  const lower = at && at.ifindex !== link.ifindex ? linkName(b.ns, at.ifindex) : null;
  const flags = linkFlags(b.world, b.ns, link);
  if (at && lower !== null && !b.ns.links.get(at.ifindex)?.up) flags.push('M-DOWN');
  p.open();
  p.any('ifindex', link.ifindex, `${link.ifindex}: `);
  if (lower !== null) p.js('link', lower);
  p.any('ifname', link.name, `${link.name}${lower === null ? '' : `@${lower}`}: `, 'ifname');
  p.openArray('flags');
  for (const f of flags) p.js(null, f);
  p.close();
  p.fp(`<${flags.join(',')}> `);
  p.any('mtu', link.mtu, `mtu ${link.mtu} `);
  p.any('master', linkName(b.ns, link.master), `master ${linkName(b.ns, link.master)} `);
  p.any('state', port.state, `state ${port.state} `);
  p.any('priority', port.priority, `priority ${port.priority} `);
  p.any('cost', port.cost, `cost ${port.cost} `);
  if (b.opts.details) {
    p.fp(`${p.nl}    `);
    const flag = (word: string, on: boolean, key = word) => p.any(key, on, `${word} ${on ? 'on' : 'off'} `);
    flag('hairpin', port.hairpin);
    flag('guard', port.guard);
    flag('root_block', port.rootBlock);
    flag('fastleave', port.fastLeave);
    flag('learning', port.learning);
    flag('flood', port.flood);
    flag('mcast_flood', port.mcastFlood);
    flag('bcast_flood', port.bcastFlood);
    p.any('mcast_router', port.mcastRouter, `mcast_router ${port.mcastRouter} `);
    flag('mcast_to_unicast', port.mcastToUnicast);
    flag('neigh_suppress', port.neighSuppress);
    flag('vlan_tunnel', port.vlanTunnel);
    if (port.backupPort) {
      const name = linkName(b.ns, port.backupPort);
      p.any('backup_port', name, `backup_port ${name} `);
    }
    flag('isolated', port.isolated);
    flag('locked', port.locked);
  }
  p.fp('\n');
  p.close();
}

/** `bridge link …` */
export function link(b: Bridge, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return show(b, []);
  if (matches(verb, 'set') || matches(verb, 'change')) return set(b, rest);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(b, rest);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.link);
  throw new Exit(255, `Command "${verb}" is unknown, try "bridge link help".\n`);
}
