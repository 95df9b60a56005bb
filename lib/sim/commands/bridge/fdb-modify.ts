/** `bridge fdb add`, `del`, `get` and `flush`: bridge/fdb.c. */
import { parseIp } from '../../addr/ip.ts';
import { parseMac } from '../../addr/mac.ts';
import { addFdb, deleteFdb, type FdbFlush, type FdbRequest, fdbOf, flushFdb } from '../../linux/link/fdb-ops.ts';
import type { Link, VxlanData } from '../../linux/types.ts';
import {
  Args,
  duparg2,
  Exit,
  getUnsigned,
  invarg,
  matches,
  netlinkError,
  notModelledExit,
} from '../../text/iproute.ts';
import { type Bridge, device, printerFor, refused } from './context.ts';
import { ofBridge, ofVxlan, printRow } from './fdb.ts';
import { USAGE } from './help.ts';

export function modify(b: Bridge, words: readonly string[], mode: FdbRequest['mode'] | 'delete'): number {
  const args = new Args(words);
  let dev: string | null = null;
  let macText: string | null = null;
  let srcVni = false;
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
      if (port === null) throw invarg('invalid port\n', args.word);
      request.port = port;
    } else if (word === 'vni' || word === 'src_vni') {
      const vni = getUnsigned(args.next(), 0xffffff);
      if (vni === null) throw invarg(`invalid ${word === 'vni' ? 'VNI' : 'src VNI'}\n`, args.word);
      // vxlan_fdb_find: only a device with `external` tells its entries apart by it.
      if (word === 'vni') request.vni = vni;
      else srcVni = true;
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
  if (srcVni && link.data.type === 'vxlan' && (link.data as VxlanData).opts.external)
    throw notModelledExit('bridge fdb src_vni');
  const error = mode === 'delete' ? deleteFdb(b.ns, link, request) : addFdb(b.world, b.ns, link, request);
  if (error) throw refused(error);
  return 0;
}

export function get(b: Bridge, words: readonly string[]): number {
  const args = new Args(words);
  let br: Link | null = null;
  let dev: Link | null = null;
  let mac: string | null = null;
  let vlan = 0;
  let self = false;
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'br') br = device(b, args.next(), 'bridge device');
    else if (word === 'brport' || word === 'dev') dev = device(b, args.next());
    else if (matches(word, 'vni')) throw notModelledExit('bridge fdb get vni');
    else if (word === 'self') self = true;
    else if (matches(word, 'master') || matches(word, 'dynamic')) continue;
    else if (matches(word, 'vlan')) vlan = getUnsigned(args.next(), 4095) ?? 0;
    else {
      if (word === 'to') args.next();
      if (matches(args.word, 'help')) throw new Exit(255, USAGE.fdb);
      if (mac !== null) throw duparg2('to', args.word);
      mac = args.word;
    }
  }
  if ((br === null && dev === null) || mac === null)
    throw new Exit(255, 'Device or master and address are required arguments.\n');
  const parsed = parseMac(mac);
  if (parsed === null) throw new Exit(255, `Invalid mac address ${mac}\n`);
  if (br && dev) throw kernelError('Master and device are mutually exclusive');
  // rtnl_fdb_get: a port is looked up in its bridge, unless `self` asks for the device's own table.
  const holder = br ?? (dev && !self ? (dev.port ? (b.ns.links.get(dev.master) ?? null) : null) : dev);
  if (!holder) throw kernelError('Device is not a bridge port');
  const table = fdbOf(holder);
  if (!table) throw kernelError('Fdb get operation not supported by device');
  const entry = table.find((e) => e.mac === parsed && e.vlan === vlan);
  if (!entry) throw kernelError('Fdb entry not found');
  const p = printerFor(b);
  const port = holder.data.type === 'bridge' ? (b.ns.links.get(entry.port) ?? holder) : holder;
  printRow(b, p, holder.data.type === 'bridge' ? ofBridge(entry, port, holder.ifindex) : ofVxlan(entry, holder), false);
  b.out += p.output(b.opts.pretty);
  return 0;
}

const kernelError = (extack: string): Exit => new Exit(254, netlinkError({ errno: 'EINVAL', extack }));

/** Words of `flush` that choose entries by a flag of theirs. */
const FLAGS = ['extern_learn', 'sticky', 'added_by_user', 'offloaded', 'router'];

/** Flushing goes to a bridge or vxlan; with `master`, to the bridge of the port. Unknown words are passed over, as there. */
export function flush(b: Bridge, words: readonly string[]): number {
  const args = new Args(words);
  let dev: string | null = null;
  let brport: string | null = null;
  let master = false;
  const what: FdbFlush = { port: null, vlan: 0, local: null, fixed: null, flags: {} };
  for (; args.more; args.skip()) {
    const wanted = !args.word.startsWith('no');
    const word = wanted ? args.word : args.word.slice(2);
    if (args.word === 'dev') dev = args.next();
    else if (args.word === 'brport') brport = args.next();
    else if (args.word === 'master') master = true;
    else if (args.word === 'vlan') what.vlan = getUnsigned(args.next(), 4095) ?? 0;
    else if (word === 'permanent') what.local = wanted;
    else if (word === 'static') Object.assign(what, { fixed: wanted, local: what.local ?? false });
    else if (word === 'dynamic') Object.assign(what, { fixed: !wanted, local: what.local ?? false });
    else if (FLAGS.includes(word)) {
      if (word === 'added_by_user' || word === 'offloaded') throw notModelledExit(`bridge fdb flush ${args.word}`);
      what.flags[word] = wanted;
    } else if (matches(args.word, 'help')) throw new Exit(255, USAGE.fdb);
  }
  if (dev === null) throw new Exit(255, 'Device is a required argument.\n');
  const link = device(b, dev, 'bridge device');
  if (brport !== null) what.port = device(b, brport, 'bridge port device').ifindex;
  const bridge = master ? b.ns.links.get(link.master) : link;
  if (master) what.port = link.ifindex;
  const error = bridge ? flushFdb(bridge, what) : { errno: 'EOPNOTSUPP' };
  if (error) throw refused(error);
  return 0;
}
