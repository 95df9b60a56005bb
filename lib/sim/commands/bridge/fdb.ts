/** `bridge fdb`: bridge/fdb.c. */
import { formatIp, type Ip } from '../../addr/ip.ts';
import { formatMac } from '../../addr/mac.ts';
import { linkName, linksByIndex } from '../../linux/link/find.ts';
import { multicastList, unicastList } from '../../linux/proc/mcast.ts';
import type { BridgeData, FdbEntry, Link, VxlanData } from '../../linux/types.ts';
import { Args, addressColour, Exit, invarg, matches, type Printer } from '../../text/iproute.ts';
import { type Bridge, device, printerFor } from './context.ts';
import { flush, get, modify } from './fdb-modify.ts';
import { USAGE } from './help.ts';

/** NUD_PERMANENT, NUD_NOARP, NUD_REACHABLE: the last has no word. */
type FdbState = 'permanent' | 'static' | '';

export interface Row {
  mac: number;
  dev: Link;
  vlan: number;
  dst?: Ip;
  port?: number;
  vni?: number;
  via?: number;
  self: boolean;
  master: number;
  flags: string[];
  state: FdbState;
  used: number;
  updated: number;
}

const entryState = (e: FdbEntry): FdbState => (e.isLocal ? 'permanent' : e.isStatic ? 'static' : '');

export const ofBridge = (e: FdbEntry, dev: Link, master: number): Row => ({
  mac: e.mac,
  dev,
  vlan: e.vlan,
  self: false,
  master,
  flags: e.flags,
  state: entryState(e),
  used: e.used,
  updated: e.updated,
});

export function ofVxlan(e: FdbEntry, dev: Link): Row {
  const row: Row = {
    mac: e.mac,
    dev,
    vlan: 0,
    self: true,
    master: 0,
    flags: e.flags,
    state: entryState(e),
    used: e.used,
    updated: e.updated,
  };
  if (e.dst !== undefined) row.dst = e.dst;
  const data = dev.data as VxlanData;
  if (e.dstPort && e.dstPort !== data.dstPort) row.port = e.dstPort;
  if (e.vni && e.vni !== data.vni) row.vni = e.vni;
  if (e.via) row.via = e.via;
  return row;
}

/** Rows of one device, as rtnl_fdb_dump gives them: those its bridge keeps for it, then its own. */
function rowsOf(b: Bridge, link: Link): Row[] {
  const rows: Row[] = [];
  const bridge = link.port ? b.ns.links.get(link.master) : undefined;
  if (bridge)
    for (const e of (bridge.data as BridgeData).fdb)
      if (e.port === link.ifindex) rows.push(ofBridge(e, link, bridge.ifindex));
  if (link.data.type === 'vxlan') {
    for (const e of (link.data as VxlanData).fdb) rows.push(ofVxlan(e, link));
    return rows;
  }
  const own = (mac: number): Row => ({
    mac,
    dev: link,
    vlan: 0,
    self: true,
    master: 0,
    flags: [],
    state: 'permanent',
    used: 0,
    updated: 0,
  });
  rows.push(...unicastList(b.world, b.ns, link).map(own), ...multicastList(b.world, b.ns, link).map(own));
  if (link.data.type === 'bridge')
    for (const e of (link.data as BridgeData).fdb) if (e.port === 0) rows.push(ofBridge(e, link, link.ifindex));
  return rows;
}

interface Filter {
  br: Link | null;
  dev: Link | null;
  vlan: number;
  state: string | null;
  dynamic: boolean;
}

export function printRow(b: Bridge, p: Printer, row: Row, hideDev: boolean): void {
  p.open();
  p.any('mac', formatMac(row.mac), `${formatMac(row.mac)} `, 'mac');
  if (!hideDev) {
    p.fp('dev ');
    p.any('ifname', row.dev.name, `${row.dev.name} `, 'ifname');
  }
  if (row.dst !== undefined) {
    p.fp('dst ');
    p.any('dst', formatIp(row.dst), `${formatIp(row.dst)} `, addressColour(row.dst));
  }
  if (row.vlan) p.any('vlan', row.vlan, `vlan ${row.vlan} `);
  if (row.port) p.any('port', row.port, `port ${row.port} `);
  if (row.vni) p.any('vni', row.vni, `vni ${row.vni} `);
  if (row.via) p.any('viaIf', linkName(b.ns, row.via), `via ${linkName(b.ns, row.via)} `);
  if (b.opts.stats) {
    const ago = (at: number) => Math.max(0, Math.floor((b.world.now - at) / 1e6));
    p.js('used', ago(row.used));
    p.js('updated', ago(row.updated));
    p.fp(`used ${ago(row.used)}/${ago(row.updated)} `);
  }
  p.openArray('flags');
  if (row.self) p.any(null, 'self', 'self ');
  for (const flag of row.flags) p.any(null, flag, `${flag} `);
  p.close();
  if (row.master) p.any('master', linkName(b.ns, row.master), `master ${linkName(b.ns, row.master)} `);
  p.any('state', row.state, row.state);
  p.fp('\n');
  p.close();
}

function show(b: Bridge, words: readonly string[]): number {
  const f: Filter = { br: null, dev: null, vlan: 0, state: null, dynamic: false };
  const args = new Args(words);
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'brport' || word === 'dev') f.dev = device(b, args.next(), 'device');
    else if (word === 'br') f.br = device(b, args.next(), 'bridge device');
    else if (word === 'vlan') f.vlan = Number.parseInt(args.next(), 10) || 0;
    else if (word === 'state') {
      const state = args.next();
      const known = ['permanent', 'static', 'stale', 'reachable', 'all'].find((s) => matches(state, s));
      if (!known) throw invarg('invalid state', state);
      f.state = known;
    } else if (matches(word, 'dynamic')) f.dynamic = true;
    else if (matches(word, 'help')) throw new Exit(255, USAGE.fdb);
  }
  const p = printerFor(b);
  for (const link of linksByIndex(b.ns)) {
    if (f.dev && link !== f.dev) continue;
    // Where `br` names no bridge, no device is of it.
    if (f.br && (f.br.data.type !== 'bridge' || (link !== f.br && link.master !== f.br.ifindex))) continue;
    for (const row of rowsOf(b, link)) {
      if (f.vlan && row.vlan !== f.vlan) continue;
      if (f.dynamic && row.state === 'permanent') continue;
      if (f.state && f.state !== 'all' && f.state !== (row.state || 'reachable')) continue;
      printRow(b, p, row, f.dev !== null);
    }
  }
  b.out += p.output(b.opts.pretty);
  return 0;
}

/** `bridge fdb …` */
export function fdb(b: Bridge, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return show(b, []);
  if (matches(verb, 'add')) return modify(b, rest, 'add');
  if (matches(verb, 'append')) return modify(b, rest, 'append');
  if (matches(verb, 'replace') || matches(verb, 'change')) return modify(b, rest, 'replace');
  if (matches(verb, 'delete')) return modify(b, rest, 'delete');
  if (matches(verb, 'get')) return get(b, rest);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(b, rest);
  if (matches(verb, 'flush')) return flush(b, rest);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.fdb);
  throw new Exit(255, `Command "${verb}" is unknown, try "bridge fdb help".\n`);
}
