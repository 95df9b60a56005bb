/** `bridge vlan`: bridge/vlan.c. */
import { bridgeVlans } from '../../linux/link/bridge.ts';
import { linksByIndex } from '../../linux/link/find.ts';
import type { BridgeData, BridgePort, Link } from '../../linux/types.ts';
import { Args, duparg, Exit, invarg, matches, notModelledExit, type Printer } from '../../text/iproute.ts';
import { type Bridge, device, printerFor, refused } from './context.ts';
import { USAGE } from './help.ts';

type Vlan = BridgePort['vlans'][number];

/** The VLANs of a bridge or port, or null for any other device. */
function vlansOf(link: Link): Vlan[] | null {
  if (link.data.type === 'bridge') return bridgeVlans(link.data as BridgeData);
  return link.port?.vlans ?? null;
}

/** atoi() into a short. */
const short = (text: string): number => (Number.parseInt(text, 10) << 16) >> 16 || 0;

interface Vids {
  low: number;
  high: number;
  ranged: boolean;
}

function vidWord(word: string): Vids {
  const dash = word.indexOf('-');
  const low = short(dash < 0 ? word : word.slice(0, dash));
  return dash < 0 ? { low, high: low, ranged: false } : { low, high: short(word.slice(dash + 1)), ranged: true };
}

const unsigned = (n: number): number => n & 0xffff;

/** What `bridge` itself refuses. */
function checkVids({ low, high, ranged }: Vids): void {
  if (low >= 4096) throw new Exit(255, `Invalid VLAN ID "${low}"\n`);
  if (ranged && (high === -1 || high >= 4096 || low >= high))
    throw new Exit(255, `Invalid VLAN range "${unsigned(low)}-${unsigned(high)}"\n`);
}

function modify(b: Bridge, words: readonly string[], adding: boolean): number {
  const args = new Args(words);
  let dev: string | null = null;
  let vids: Vids | null = null;
  let tunnel = false;
  let pvid = false;
  let untagged = false;
  let self = false;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') dev = args.next();
    else if (word === 'vid') vids = vidWord(args.next());
    else if (word === 'self') self = true;
    else if (word === 'master') continue;
    else if (word === 'pvid') pvid = true;
    else if (word === 'untagged') untagged = true;
    else if (word === 'tunnel_info') {
      if (args.next() !== 'id') throw invarg('not found', args.word);
      args.next();
      tunnel = true;
    } else if (matches(word, 'help')) throw new Exit(255, USAGE.vlan);
  }
  if (dev === null || !vids) throw new Exit(255, 'Device and VLAN ID are required arguments.\n');
  const link = device(b, dev, 'bridge device');
  checkVids(vids);
  const { low, high } = vids;
  if (pvid && vids.ranged) throw new Exit(255, 'pvid cannot be configured for a vlan range\n');
  // Only ports with vlan_tunnel on take the id of a tunnel.
  if (tunnel && !(link.port as { vlanTunnel?: boolean } | undefined)?.vlanTunnel) throw refused({ errno: 'EINVAL' });
  if (tunnel) throw notModelledExit('bridge vlan tunnel_info');
  if (low === 0 || high >= 4095) throw refused({ errno: 'EINVAL', extack: 'bridge: Vlan id is invalid' });
  const list = self && link.data.type !== 'bridge' ? null : !self && !link.port ? null : vlansOf(link);
  if (!list) throw refused({ errno: 'EOPNOTSUPP' });
  markUsed(b, link);
  for (let vid = low; vid <= high; vid++) {
    const at = list.findIndex((v) => v.vid === vid);
    if (!adding) {
      if (at >= 0) {
        list.splice(at, 1);
        forget(b, link, vid);
      }
      continue;
    }
    if (pvid) for (const v of list) v.pvid = false;
    const entry: Vlan = { vid, pvid, untagged };
    if (at >= 0) list[at] = entry;
    else list.push(entry);
  }
  list.sort((a, c) => a.vid - c.vid);
  return 0;
}

function markUsed(b: Bridge, link: Link): void {
  const bridge = link.data.type === 'bridge' ? link : b.ns.links.get(link.master);
  if (bridge?.data.type === 'bridge') (bridge.data as BridgeData).opts.vlan_used = 1;
}

/** What was learned on a port in a VLAN goes with it: nbp_vlan_delete. */
function forget(b: Bridge, link: Link, vid: number): void {
  const bridge = link.port ? b.ns.links.get(link.master) : undefined;
  if (bridge?.data.type !== 'bridge') return;
  const data = bridge.data as BridgeData;
  data.fdb = data.fdb.filter((e) => e.port !== link.ifindex || e.vlan !== vid);
}

/** Width of the port column. */
const COLUMN = 18;

const flagsOf = (v: Vlan): string[] => [...(v.pvid ? ['PVID'] : []), ...(v.untagged ? ['Egress Untagged'] : [])];

const stateOf = (v: Vlan): string => v.state ?? 'forwarding';

/** Neighbours with the same flags and state, as the kernel joins them; a PVID stands alone. */
function joined(list: readonly Vlan[], states: boolean): { first: Vlan; last: number }[] {
  const out: { first: Vlan; last: number }[] = [];
  for (const v of list) {
    const open = out[out.length - 1];
    const same =
      open?.last === v.vid - 1 &&
      !v.pvid &&
      !open.first.pvid &&
      v.untagged === open.first.untagged &&
      (!states || stateOf(v) === stateOf(open.first));
    if (open && same) open.last = v.vid;
    else out.push({ first: v, last: v.vid });
  }
  return out;
}

function printVlan(b: Bridge, p: Printer, v: Vlan, last: number): void {
  const { details, stats } = b.opts;
  p.open();
  p.any(stats && !details ? 'vid' : 'vlan', v.vid, String(v.vid));
  if (last !== v.vid) p.any('vlanEnd', last, `-${last}`);
  const flags = flagsOf(v);
  if (flags.length > 0) p.js('flags', flags);
  p.fp(`${flags.map((f) => ` ${f}`).join('')}${p.nl}`);
  const indent = ' '.repeat(COLUMN + 2);
  if (details) {
    p.fp(indent);
    p.any('state', stateOf(v), `state ${stateOf(v)} `);
    p.any('mcast_router', 1, 'mcast_router 1 ');
    p.fp(p.nl);
  }
  if (stats) {
    // Counted only with vlan_stats_enabled.
    for (const way of ['rx', 'tx']) {
      p.fp(`${indent}${way.toUpperCase()}: 0 bytes 0 packets${p.nl}`);
      p.js(`${way}_bytes`, 0);
      p.js(`${way}_packets`, 0);
    }
  }
  p.close();
}

function show(b: Bridge, words: readonly string[], tunnels = false): number {
  const args = new Args(words);
  let dev: string | null = null;
  let vid = 0;
  for (; args.more; args.skip()) {
    if (args.word === 'dev') {
      if (dev !== null) throw duparg('dev', args.next());
      dev = args.next();
    } else if (args.word === 'vid') {
      if (vid) throw duparg('vid', args.next());
      vid = short(args.next());
    }
  }
  const only = dev === null ? null : device(b, dev);
  const p = printerFor(b);
  const { details, stats, compress } = b.opts;
  p.fp(`${'port'.padEnd(COLUMN)}vlan-id${stats && !details ? '' : '  '}${tunnels ? '  tunnel-id' : ''}\n`);
  const links = linksByIndex(b.ns).filter((link) => !only || link === only);
  // Counters come from the bridges first, then from their ports.
  const ordered =
    stats && !details
      ? [...links.filter((l) => l.data.type === 'bridge'), ...links.filter((l) => l.data.type !== 'bridge')]
      : links;
  for (const link of tunnels ? [] : ordered) {
    const list = (vlansOf(link) ?? []).filter((v) => !vid || v.vid === vid);
    if (list.length === 0) continue;
    p.open();
    p.any('ifname', link.name, link.name.padEnd(COLUMN), 'ifname');
    p.openArray('vlans');
    const rows = details || (compress && !stats) ? joined(list, details) : list.map((v) => ({ first: v, last: v.vid }));
    for (const [i, row] of rows.entries()) {
      if (i > 0) p.fp(' '.repeat(COLUMN));
      printVlan(b, p, row.first, row.last);
    }
    p.close();
    p.close();
  }
  b.out += p.output(b.opts.pretty);
  return 0;
}

/** In the order of BR_STATE_*. */
const STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const;

/** `bridge vlan set`: options of VLANs that are there. */
function setOptions(b: Bridge, words: readonly string[]): number {
  const args = new Args(words);
  let link: Link | null = null;
  let vids: Vids | null = null;
  let state: number | null = null;
  for (; args.more; args.skip()) {
    if (args.word === 'dev') link = device(b, args.next(), 'network device');
    else if (args.word === 'vid') {
      vids = vidWord(args.next());
      if (vids.ranged && (vids.low >= vids.high || vids.high >= 4096))
        throw new Exit(255, `Invalid VLAN range "${unsigned(vids.low)}-${unsigned(vids.high)}"\n`);
      if (vids.low >= 4096) throw new Exit(255, `Invalid VLAN ID "${vids.low}"\n`);
    } else if (args.word === 'state') {
      const word = args.next();
      state = /^-?\d+$/.test(word) ? Number(word) : (STATES as readonly string[]).indexOf(word.toLowerCase());
      if (state === -1) throw new Exit(255, 'Error: invalid STP state\n');
    } else if (args.word === 'mcast_router') throw notModelledExit('bridge vlan set mcast_router');
  }
  if (!link || !vids) throw new Exit(255, 'Device and VLAN ID are required arguments.\n');
  const list = vlansOf(link);
  if (!list) throw refused({ errno: 'EINVAL', extack: 'The device is not a valid bridge or bridge port' });
  const { low, high } = vids;
  if (!list.some((v) => v.vid === low))
    throw refused({ errno: 'ENOENT', extack: "bridge: Vlan range start doesn't exist, can't process options" });
  if (state === null) return 0;
  if (!STATES[state]) throw refused({ errno: 'EINVAL', extack: 'bridge: Invalid vlan state' });
  for (const v of list) if (v.vid >= low && v.vid <= high) v.state = STATES[state];
  return 0;
}

/** `bridge vlan …` */
export function vlan(b: Bridge, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return show(b, []);
  if (matches(verb, 'add')) return modify(b, rest, true);
  if (matches(verb, 'delete')) return modify(b, rest, false);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(b, rest);
  if (matches(verb, 'tunnelshow')) return show(b, rest, true);
  if (matches(verb, 'set')) return setOptions(b, rest);
  if (matches(verb, 'global')) throw notModelledExit('bridge vlan global');
  if (matches(verb, 'help')) throw new Exit(255, USAGE.vlan);
  throw new Exit(255, `Command "${verb}" is unknown, try "bridge vlan help".\n`);
}
