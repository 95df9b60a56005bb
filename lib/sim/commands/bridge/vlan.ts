/** `bridge vlan`: bridge/vlan.c. */
import { bridgeVlans } from '../../linux/link/bridge.ts';
import { linksByIndex } from '../../linux/link/find.ts';
import type { BridgeData, BridgePort, Link } from '../../linux/types.ts';
import { Args, Exit, getUnsigned, invarg, matches, notModelledExit } from '../../text/iproute.ts';
import { type Bridge, device, printerFor, refused } from './context.ts';
import { USAGE } from './help.ts';

type Vlan = BridgePort['vlans'][number];

/** The VLANs of a bridge or port, or null for any other device. */
function vlansOf(link: Link): Vlan[] | null {
  if (link.data.type === 'bridge') return bridgeVlans(link.data as BridgeData);
  return link.port?.vlans ?? null;
}

function range(word: string): [number, number] {
  const [low = '', high] = word.split('-');
  const a = getUnsigned(low, 65535);
  const b = high === undefined ? a : getUnsigned(high, 65535);
  if (a === null || b === null) throw invarg('invalid vlan', word);
  if (high !== undefined && (a >= 4096 || b >= 4096)) throw new Exit(255, `Invalid VLAN ID "${word}"\n`);
  if (b < a) throw new Exit(255, `Invalid VLAN range "${a}-${b}"\n`);
  return [a, b];
}

function modify(b: Bridge, words: readonly string[], adding: boolean): number {
  const args = new Args(words);
  let dev: string | null = null;
  let vids: [number, number] | null = null;
  let pvid = false;
  let untagged = false;
  let self = false;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') dev = args.next();
    else if (word === 'vid') vids = range(args.next());
    else if (word === 'self') self = true;
    else if (word === 'master') continue;
    else if (word === 'pvid') pvid = true;
    else if (word === 'untagged') untagged = true;
    else if (word === 'tunnel_info') throw notModelledExit('bridge vlan tunnel_info');
    else if (matches(word, 'help')) throw new Exit(255, USAGE.vlan);
  }
  if (dev === null || !vids) throw new Exit(255, 'Device and VLAN ID are required arguments.\n');
  const link = device(b, dev, 'bridge device');
  const [low, high] = vids;
  if (low === 0 || high >= 4095) throw refused({ errno: 'EINVAL', extack: 'bridge: Vlan id is invalid' });
  if (pvid && low !== high) throw new Exit(255, `Invalid VLAN range "${low}-${high}"\n`);
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

function show(b: Bridge, words: readonly string[]): number {
  if (b.opts.compress) throw notModelledExit('bridge -compressvlans vlan');
  const args = new Args(words);
  let dev: string | null = null;
  let vid = 0;
  for (; args.more; args.skip()) {
    if (args.word === 'dev') dev = args.next();
    else if (args.word === 'vid') vid = getUnsigned(args.next(), 4095) ?? 0;
    else if (matches(args.word, 'help')) throw new Exit(255, USAGE.vlan);
  }
  const only = dev === null ? null : device(b, dev);
  const p = printerFor(b);
  p.fp(`${'port'.padEnd(COLUMN)}vlan-id  \n`);
  for (const link of linksByIndex(b.ns)) {
    const list = vlansOf(link);
    if (!list || (only && link !== only)) continue;
    const shown = list.filter((v) => !vid || v.vid === vid);
    if (shown.length === 0) continue;
    p.open();
    p.js('ifname', link.name);
    p.openArray('vlans');
    for (const [i, v] of shown.entries()) {
      const flags = flagsOf(v);
      p.fp(`${(i === 0 ? link.name : '').padEnd(COLUMN)}${v.vid}${flags.map((f) => ` ${f}`).join('')}\n`);
      p.open();
      p.js('vlan', v.vid);
      if (flags.length > 0) p.js('flags', flags);
      p.close();
    }
    p.close();
    p.close();
  }
  b.out += p.output(b.opts.pretty);
  return 0;
}

/** `bridge vlan …` */
export function vlan(b: Bridge, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return show(b, []);
  if (matches(verb, 'add')) return modify(b, rest, true);
  if (matches(verb, 'delete')) return modify(b, rest, false);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(b, rest);
  if (matches(verb, 'tunnelshow') || matches(verb, 'set') || matches(verb, 'global'))
    throw notModelledExit(`bridge vlan ${verb}`);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.vlan);
  throw new Exit(255, `Command "${verb}" is unknown, try "bridge vlan help".\n`);
}
