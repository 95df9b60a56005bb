/** `bridge mdb`: bridge/mdb.c. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import { formatMac, parseMac } from '../../addr/mac.ts';
import { linkName, linksByIndex } from '../../linux/link/find.ts';
import { addMdb, deleteMdb, type MdbRequest, mdbOf } from '../../linux/link/mdb-ops.ts';
import type { BridgeData, Link, MdbEntry } from '../../linux/types.ts';
import { Args, addressColour, Exit, matches, type Printer } from '../../text/iproute.ts';
import { type Bridge, device, printerFor, refused } from './context.ts';
import { USAGE } from './help.ts';

function printEntry(b: Bridge, p: Printer, bridge: Link, entry: MdbEntry): void {
  const port = entry.port ? linkName(b.ns, entry.port) : bridge.name;
  const { group } = entry;
  const state = entry.permanent ? 'permanent' : 'temp';
  p.open();
  p.js('index', bridge.ifindex);
  p.any('dev', bridge.name, `dev ${bridge.name}`, 'ifname');
  p.any('port', port, ` port ${port}`);
  const text = typeof group === 'object' ? formatMac(group.mac) : formatIp(group);
  p.any('grp', text, ` grp ${text}`, typeof group === 'object' ? undefined : addressColour(group));
  if (entry.source !== undefined) {
    const source = formatIp(entry.source);
    p.any('src', source, ` src ${source}`, addressColour(entry.source));
  }
  p.any('state', state, ` ${state}`);
  if (b.opts.details && entry.port) p.any('protocol', 'static', ' proto static ');
  p.openArray('flags');
  p.close();
  if (entry.vlan) p.any('vid', entry.vlan, ` vid ${entry.vlan}`);
  p.fp('\n');
  p.close();
}

function show(b: Bridge, words: readonly string[]): number {
  const args = new Args(words);
  let dev: string | null = null;
  let vid = 0;
  for (; args.more; args.skip()) {
    if (args.word === 'dev') dev = args.next();
    else if (args.word === 'vid') vid = Number.parseInt(args.next(), 10) || 0;
  }
  const only = dev === null ? null : device(b, dev);
  const bridges = linksByIndex(b.ns).filter((l) => l.data.type === 'bridge' && (!only || l === only));
  const p = printerFor(b);
  p.open();
  p.openArray('mdb');
  // br_mdb_fill_info says nothing while a bridge does not snoop.
  for (const bridge of bridges.filter((l) => (l.data as BridgeData).mcastSnooping))
    for (const entry of mdbOf(b.world, bridge)) if (!vid || entry.vlan === vid) printEntry(b, p, bridge, entry);
  p.close();
  p.open('router');
  if (b.opts.details || b.opts.stats) for (const bridge of bridges) printRouters(b, p, bridge);
  p.close();
  p.close();
  b.out += p.output(b.opts.pretty);
  return 0;
}

/** Ports that queries were heard on, or that are routers by their settings. */
function printRouters(b: Bridge, p: Printer, bridge: Link): void {
  const ports = linksByIndex(b.ns).filter((l) => l.master === bridge.ifindex && l.port?.mcastRouter === 2);
  if (ports.length === 0) return;
  p.openArray(bridge.name);
  p.fp(`router ports on ${bridge.name}: `);
  for (const port of ports) {
    p.open();
    p.any('port', port.name, `${port.name} `);
    p.close();
  }
  p.fp('\n');
  p.close();
}

function modify(b: Bridge, words: readonly string[], adding: boolean): number {
  const args = new Args(words);
  let dev: string | null = null;
  let port: string | null = null;
  let group: string | null = null;
  let source: string | null = null;
  const rest = { vlan: 0, permanent: false };
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'dev') dev = args.next();
    else if (word === 'grp') group = args.next();
    else if (word === 'port') port = args.next();
    else if (matches(word, 'permanent')) rest.permanent = true;
    else if (matches(word, 'temp')) continue;
    else if (matches(word, 'vid')) rest.vlan = Number.parseInt(args.next(), 10) || 0;
    else if (matches(word, 'src')) source = args.next();
    else if (matches(word, 'help')) throw new Exit(255, USAGE.mdb);
  }
  if (dev === null || port === null || group === null)
    throw new Exit(255, 'Device, group address and port name are required arguments.\n');
  const bridge = device(b, dev);
  const member = device(b, port);
  const request: MdbRequest = { group: parseGroup(group), ...rest };
  if (source !== null) request.source = parseSource(source);
  const error = adding
    ? addMdb(b.world, b.ns, bridge, member, request)
    : deleteMdb(b.world, b.ns, bridge, member, request);
  if (error) throw refused(error);
  return 0;
}

function parseGroup(text: string): MdbRequest['group'] {
  const mac = parseMac(text);
  const ip = parseIp(text);
  if (ip === null && mac === null) throw new Exit(255, `Invalid address "${text}"\n`);
  return ip ?? { mac: mac as number };
}

function parseSource(text: string): Ip {
  const ip = parseIp(text);
  if (ip === null) throw new Exit(255, `Invalid source address "${text}"\n`);
  return ip;
}

/** `bridge mdb …` */
export function mdb(b: Bridge, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return show(b, []);
  if (matches(verb, 'add')) return modify(b, rest, true);
  if (matches(verb, 'delete')) return modify(b, rest, false);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(b, rest);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.mdb);
  throw new Exit(255, `Command "${verb}" is unknown, try "bridge mdb help".\n`);
}
