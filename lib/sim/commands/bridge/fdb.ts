/** `bridge fdb`: bridge/fdb.c. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import { formatMac, parseMac } from '../../addr/mac.ts';
import { addFdb, deleteFdb, type FdbRequest, fdbOf } from '../../linux/link/fdb-ops.ts';
import { linkName, linksByIndex } from '../../linux/link/find.ts';
import { multicastList, unicastList } from '../../linux/proc/mcast.ts';
import type { BridgeData, FdbEntry, Link, VxlanData } from '../../linux/types.ts';
import { Args, Exit, getUnsigned, invarg, matches, notModelledExit, type Printer } from '../../text/iproute.ts';
import { type Bridge, device, printerFor, refused } from './context.ts';
import { USAGE } from './help.ts';

interface Row {
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
  /** permanent, static, or '' for a learned one. */
  state: string;
  used: number;
  updated: number;
}

const entryState = (e: FdbEntry): string => (e.isLocal ? 'permanent' : e.isStatic ? 'static' : '');

const ofBridge = (e: FdbEntry, dev: Link, master: number): Row => ({
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

function ofVxlan(e: FdbEntry, dev: Link): Row {
  const row: Row = {
    mac: e.mac,
    dev,
    vlan: 0,
    self: true,
    master: 0,
    flags: e.flags,
    state: e.isStatic ? 'permanent' : '',
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

function printRow(b: Bridge, p: Printer, row: Row, hideDev: boolean): void {
  p.open();
  p.any('mac', formatMac(row.mac), `${formatMac(row.mac)} `);
  if (!hideDev) p.any('ifname', row.dev.name, `dev ${row.dev.name} `);
  if (row.dst !== undefined) p.any('dst', formatIp(row.dst), `dst ${formatIp(row.dst)} `);
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
    else if (word === 'br') f.br = device(b, args.next(), 'bridge');
    else if (word === 'vlan') f.vlan = getUnsigned(args.next(), 4095) ?? 0;
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
    if (f.br && link !== f.br && link.master !== f.br.ifindex) continue;
    for (const row of rowsOf(b, link)) {
      if (f.vlan && row.vlan !== f.vlan) continue;
      if (f.dynamic && row.state !== '') continue;
      if (f.state === 'permanent' && row.state !== 'permanent') continue;
      if (f.state === 'static' && row.state !== 'static') continue;
      printRow(b, p, row, f.dev !== null);
    }
  }
  b.out += p.output(b.opts.pretty);
  return 0;
}

function modify(b: Bridge, words: readonly string[], mode: FdbRequest['mode'] | 'delete'): number {
  const args = new Args(words);
  let dev: string | null = null;
  let macText: string | null = null;
  const request: FdbRequest = {
    mode: mode === 'delete' ? 'add' : mode,
    mac: 0,
    self: false,
    master: false,
    state: 'permanent',
    flags: [],
    vlan: 0,
  };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') dev = args.next();
    else if (word === 'dst') {
      const ip = parseIp(args.next());
      if (ip === null) throw new Exit(1, `Error: any valid address is expected rather than "${args.word}".\n`);
      request.dst = ip;
    } else if (word === 'port') {
      const port = getUnsigned(args.next(), 65535);
      if (port === null) throw invarg('invalid port', args.word);
      request.port = port;
    } else if (word === 'vni' || word === 'src_vni') {
      const vni = getUnsigned(args.next(), 0xffffff);
      if (vni === null || word === 'src_vni')
        throw vni === null ? invarg(`invalid ${word}\n`, args.word) : notModelledExit('bridge fdb src_vni');
      request.vni = vni;
    } else if (word === 'via') request.via = device(b, args.next(), 'device').ifindex;
    else if (word === 'self') request.self = true;
    else if (matches(word, 'master')) request.master = true;
    else if (matches(word, 'router')) request.flags.push('router');
    else if (matches(word, 'local') || matches(word, 'permanent')) request.state = 'permanent';
    else if (matches(word, 'temp') || matches(word, 'static')) request.state = 'static';
    else if (matches(word, 'dynamic')) request.state = 'dynamic';
    else if (matches(word, 'vlan')) {
      const vid = getUnsigned(args.next(), 65535);
      if (vid === null || vid >= 4096) throw invarg('invalid vlan', args.word);
      request.vlan = vid;
    } else if (matches(word, 'use')) request.flags.push('use');
    else if (matches(word, 'extern_learn')) request.flags.push('extern_learn');
    else if (matches(word, 'sticky')) request.flags.push('sticky');
    else if (matches(word, 'nhid')) throw notModelledExit('bridge fdb nhid');
    else {
      if (word === 'to') args.next();
      if (matches(args.word, 'help')) throw new Exit(255, USAGE.fdb);
      if (macText !== null) throw new Exit(255, `Error: either "to" is duplicate, or "${args.word}" is a garbage.\n`);
      macText = args.word;
    }
  }
  if (dev === null || macText === null) throw new Exit(255, 'Device and address are required arguments.\n');
  if (!request.self && !request.master) request.self = true;
  const mac = parseMac(macText);
  if (mac === null) throw new Exit(255, `Invalid mac address ${macText}\n`);
  request.mac = mac;
  const link = device(b, dev);
  const error = mode === 'delete' ? deleteFdb(b.ns, link, request) : addFdb(b.world, b.ns, link, request);
  if (error) throw refused(error);
  return 0;
}

function get(b: Bridge, words: readonly string[]): number {
  const args = new Args(words);
  let br: Link | null = null;
  let dev: Link | null = null;
  let mac: string | null = null;
  let vlan = 0;
  for (; args.more; args.skip()) {
    if (args.word === 'br') br = device(b, args.next(), 'bridge');
    else if (args.word === 'brport' || args.word === 'dev') dev = device(b, args.next(), 'device');
    else if (args.word === 'vlan') vlan = getUnsigned(args.next(), 4095) ?? 0;
    else if (['self', 'master', 'dynamic'].includes(args.word)) continue;
    else {
      if (args.word === 'to') args.next();
      if (matches(args.word, 'help')) throw new Exit(255, USAGE.fdb);
      mac = args.word;
    }
  }
  if ((br === null && dev === null) || mac === null)
    throw new Exit(255, 'Device and address are required arguments.\n');
  const parsed = parseMac(mac);
  if (parsed === null) throw new Exit(255, `Invalid mac address ${mac}\n`);
  const holder = br ?? (dev?.port ? (b.ns.links.get(dev.master) ?? null) : dev);
  const entry = holder ? fdbOf(holder)?.find((e) => e.mac === parsed && e.vlan === vlan) : undefined;
  if (!holder || !entry) throw new Exit(254, 'Error: Fdb entry not found.\n');
  const p = printerFor(b);
  const port = holder.data.type === 'bridge' ? (b.ns.links.get(entry.port) ?? holder) : holder;
  printRow(b, p, holder.data.type === 'bridge' ? ofBridge(entry, port, holder.ifindex) : ofVxlan(entry, holder), false);
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

/** Flushing goes to a bridge (or vxlan); a port is named with `brport`. */
function flush(b: Bridge, words: readonly string[]): number {
  const at = words.indexOf('dev');
  const name = at >= 0 ? words[at + 1] : undefined;
  if (name === undefined) throw new Exit(255, 'Device is a required argument.\n');
  const link = device(b, name);
  if (link.data.type !== 'bridge') throw refused({ errno: 'EOPNOTSUPP' });
  const port = words.indexOf('brport');
  const only = port >= 0 ? device(b, words[port + 1] ?? '').ifindex : 0;
  if (words.length > (port >= 0 ? 4 : 2)) throw notModelledExit('bridge fdb flush with a selector');
  const data = link.data as BridgeData;
  data.fdb = data.fdb.filter((e) => e.isLocal || (only !== 0 && e.port !== only));
  return 0;
}
