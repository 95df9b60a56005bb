/** `bridge link`: bridge/link.c. */
import { iflink, linkName, linksByIndex } from '../../linux/link/find.ts';
import { linkFlags } from '../../linux/link/flags.ts';
import type { BridgePort, Link } from '../../linux/types.ts';
import { Args, Exit, getUnsigned, matches, notModelledExit, type Printer } from '../../text/iproute.ts';
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
};
const STATES: readonly BridgePort['state'][] = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];
const UNMODELLED = [
  'learning_sync',
  'mcast_router',
  'mcast_to_unicast',
  'vlan_tunnel',
  'locked',
  'hwmode',
  'backup_port',
  'nobackup_port',
];

function onOff(key: string, word: string): boolean {
  if (word === 'on' || word === 'off') return word === 'on';
  throw new Exit(255, `Error: argument of "${key}" must be "on" or "off", not "${word}"\n`);
}

function set(b: Bridge, words: readonly string[]): number {
  const args = new Args(words);
  let dev: string | null = null;
  let self = false;
  const change: Partial<Record<keyof BridgePort, unknown>> = {};
  for (; args.more; args.skip()) {
    const word = args.word;
    const key = SWITCHES[word];
    if (word === 'dev') dev = args.next();
    else if (key) change[key] = onOff(word, args.next());
    else if (word === 'cost') change.cost = getUnsigned(args.next()) ?? 0;
    else if (word === 'priority') change.priority = getUnsigned(args.next(), 65535) ?? 0;
    else if (word === 'state') {
      const text = args.next();
      const number = getUnsigned(text, 4);
      const state = number === null ? STATES.find((s) => s === text.toLowerCase()) : STATES[number];
      if (!state) throw new Exit(255, 'Error: invalid STP port state\n');
      change.state = state;
    } else if (word === 'self') self = true;
    else if (word === 'master') continue;
    else if (UNMODELLED.includes(word)) throw notModelledExit(`bridge link set ${word}`);
    else if (matches(word, 'help')) throw new Exit(255, USAGE.link);
    else throw new Exit(255, USAGE.link);
  }
  if (dev === null) throw new Exit(255, 'Device is a required argument.\n');
  const link = device(b, dev, 'bridge device');
  if (!link.port || self) throw refused({ errno: 'EOPNOTSUPP' });
  if (change.state !== undefined && (!link.up || !link.carrier) && change.state !== 'disabled')
    throw refused({ errno: 'ENETDOWN' });
  Object.assign(link.port, change);
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
  const lower = at ? linkName(b.ns, at.ifindex) : null;
  const flags = linkFlags(b.world, b.ns, link);
  if (at && !b.ns.links.get(at.ifindex)?.up) flags.push('M-DOWN');
  p.open();
  p.any('ifindex', link.ifindex, `${link.ifindex}: `);
  if (lower !== null) p.js('link', lower);
  p.any('ifname', link.name, `${link.name}${lower === null ? '' : `@${lower}`}: `);
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
    p.any('mcast_router', 1, 'mcast_router 1 ');
    flag('mcast_to_unicast', false);
    flag('neigh_suppress', port.neighSuppress);
    flag('vlan_tunnel', false);
    flag('isolated', port.isolated);
    flag('locked', false);
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
