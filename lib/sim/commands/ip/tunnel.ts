/** `ip tunnel`: ip/iptunnel.c, which speaks to the kernel by the old ioctls (ip_tunnel_ctl). */
import { formatIp, isMulticast } from '../../addr/ip.ts';
import { findLink, linksByIndex } from '../../linux/link/find.ts';
import { addLink, deleteLink, validLinkName } from '../../linux/link/ops.ts';
import {
  changeTunnel,
  GRE_CSUM,
  GRE_KEY,
  GRE_SEQ,
  isIpTunnel,
  type TunnelData,
  tunnelData,
  tunnelOf,
  tunnelOverhead,
} from '../../linux/link/tunnel.ts';
import { loadModuleOf } from '../../linux/link/tunnel-module.ts';
import type { Link, NlError } from '../../linux/types.ts';
import {
  Args,
  duparg2,
  Exit,
  invarg,
  type Json,
  matches,
  notModelledExit,
  Printer,
  STRERROR,
  writeJson,
} from '../../text/iproute.ts';
import type { Ip } from './context.ts';
import { dsfieldId, dsfieldName } from './dsfield.ts';
import { USAGE } from './help.ts';
import { address32, ttlWord, tunnelKey } from './types/tunnel-words.ts';

/** struct ip_tunnel_parm, `kind` in place of the outer protocol. */
interface Parms {
  name: string;
  kind: 'ipip' | 'gre' | 'sit' | 'vti' | '';
  dev: string;
  data: Record<string, unknown> & { iflags: number; oflags: number; ikey: number; okey: number; pmtudisc: boolean };
}

const MODES: Readonly<Record<string, Parms['kind']>> = {
  ipip: 'ipip',
  'ip/ip': 'ipip',
  gre: 'gre',
  'gre/ip': 'gre',
  sit: 'sit',
  'ipv6/ip': 'sit',
  isatap: 'sit',
  vti: 'vti',
};
/** Modes that make `ip tunnel` speak of IPv6: tunnel_mode_is_ipv6. */
const MODES6 = new Set('ipv6/ipv6 ip6ip6 vti6 ip/ipv6 ipv4/ipv6 ipip6 ip4ip6 ip6gre gre/ipv6 any/ipv6 any'.split(' '));
const DEFAULT_NAMES = { ipip: 'tunl0', gre: 'gre0', sit: 'sit0', vti: 'ip_vti0', '': '' } as const;
const FLAGS: Readonly<Record<string, number>> = { key: GRE_KEY, seq: GRE_SEQ, csum: GRE_CSUM };

const failed = (verb: string, name: string, errno: string): Exit =>
  new Exit(1, `${verb} tunnel "${name}" failed: ${STRERROR[errno] ?? errno}\n`);

/** The tunnel a name has by SIOCGETTUNNEL, or the end of the program. */
function existing(ip: Ip, name: string): Link {
  const link = findLink(ip.ns, name);
  if (!link) throw failed('get', name, 'ENODEV');
  if (!isIpTunnel(link)) throw failed('get', name, 'EOPNOTSUPP');
  return link;
}

function flagWord(args: Args, data: Parms['data']): boolean {
  const [, side, name] = /^([io]?)(key|seq|csum)$/.exec(args.word) ?? [];
  if (name === undefined) return false;
  const key = name === 'key' ? tunnelKey(args.word, args.next()) : null;
  for (const at of ['i', 'o'] as const) {
    if (side && side !== at) continue;
    data[`${at}flags`] |= FLAGS[name] as number;
    if (key !== null) data[`${at}key`] = key;
  }
  return true;
}

function tosWord(word: string): number {
  const [head = '', ...rest] = word.split('/');
  const inherit = head === 'inherit';
  const field = inherit ? rest.join('/') : head;
  if (inherit && rest.length === 0) return 1;
  const tos = dsfieldId(field);
  if (tos === null) throw invarg('bad TOS value', head);
  return (inherit ? 1 : 0) | tos;
}

function parse(ip: Ip, words: readonly string[], verb: 'add' | 'change' | 'del' | 'show'): Parms {
  const data: Parms['data'] = { iflags: 0, oflags: 0, ikey: 0, okey: 0, pmtudisc: true };
  const p: Parms = { name: '', kind: '', dev: '', data };
  const args = new Args(words);
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'mode') {
      const kind = MODES[args.next()];
      if (kind === undefined) throw new Exit(255, `Unknown tunnel mode "${args.word}"\n`);
      if (p.kind && p.kind !== kind) throw new Exit(255, 'You managed to ask for more than one tunnel mode.\n');
      p.kind = kind;
    } else if (flagWord(args, data)) continue;
    else if (word === 'nopmtudisc' || word === 'pmtudisc') data.pmtudisc = word === 'pmtudisc';
    else if (word === 'remote' || word === 'local') data[word] = address32(args.next());
    else if (word === 'dev') p.dev = args.next();
    else if (['ttl', 'hoplimit', 'hlim'].includes(word)) {
      const ttl = args.next();
      if (ttl !== 'inherit') data.ttl = ttlWord(ttl);
    } else if (word === 'tos' || word === 'tclass' || matches(word, 'dsfield')) data.tos = tosWord(args.next());
    else {
      const name = word === 'name' ? args.next() : word;
      if (word !== 'name' && matches(word, 'help')) throw new Exit(255, USAGE.tunnel);
      if (p.name) throw duparg2('name', name);
      if (!validLinkName(name)) throw invarg('"name" not a valid ifname', name);
      p.name = name;
      if (verb === 'change' && args.at === (word === 'name' ? 1 : 0)) {
        const old = existing(ip, name);
        const { iflags, oflags, ikey, okey, pmtudisc, local, remote, ttl, tos } = tunnelOf(old) as TunnelData;
        Object.assign(data, { iflags, oflags, ikey, okey, pmtudisc, local, remote, ttl, tos });
        p.kind = old.kind as Parms['kind'];
        p.dev = ip.ns.links.get(old.lower)?.name ?? '';
      }
    }
  }
  if (!p.kind) p.kind = (['gre', 'ipip', 'sit', 'vti'] as const).find((k) => p.name.startsWith(k)) ?? '';
  if (p.name.startsWith('isatap') && !p.kind) p.kind = 'sit';
  if ((data.iflags | data.oflags) & GRE_KEY && p.kind !== 'gre' && p.kind !== 'vti')
    throw new Exit(1, 'Keys are not allowed with ipip and sit tunnels\n');
  if (p.dev) {
    const lower = findLink(ip.ns, p.dev);
    if (!lower) throw new Exit(1, `Cannot find device "${p.dev}"\n`);
    data.lower = lower.ifindex;
  }
  const remote = (data.remote as number | undefined) ?? 0;
  if (isMulticast(remote)) {
    for (const at of ['i', 'o'] as const) {
      if (data[`${at}key`]) continue;
      data[`${at}key`] = remote;
      data[`${at}flags`] |= GRE_KEY;
    }
    if (!data.local) throw new Exit(1, 'A broadcast tunnel requires a source address\n');
  }
  return p;
}

function add(ip: Ip, words: readonly string[], verb: 'add' | 'change'): number {
  const p = parse(ip, words, verb);
  if (p.data.ttl && !p.data.pmtudisc) throw new Exit(1, 'ttl != 0 and nopmtudisc are incompatible\n');
  if (!p.kind) throw new Exit(1, 'cannot determine tunnel mode (ipip, gre, vti or sit)\n');
  if (p.kind === 'sit' || p.kind === 'vti') throw notModelledExit(`ip tunnel mode ${p.kind}`);
  const base = DEFAULT_NAMES[p.kind];
  loadModuleOf(ip.world, ip.host, p.kind);
  const { data } = p;
  if (p.kind === 'ipip') Object.assign(data, { iflags: 0, oflags: 0, proto: 4 });
  if (verb === 'change') {
    const name = p.name || base;
    const error = changeTunnel(ip.world, ip.ns, existing(ip, name), data);
    if (error) throw failed('add', name, error.errno);
    return 0;
  }
  if (p.name && findLink(ip.ns, p.name)) throw failed('add', base, 'EEXIST');
  const limits: [number, number] = [68, 65_535 - tunnelOverhead(tunnelData(p.kind, data))];
  const spec = { kind: p.kind, data: { ...data, limits }, lower: (data.lower as number | undefined) ?? 0 };
  const made = addLink(ip.world, ip.ns, p.name ? { ...spec, name: p.name } : spec);
  if ('errno' in made) throw failed('add', base, (made as NlError).errno);
  return 0;
}

function remove(ip: Ip, words: readonly string[]): number {
  const p = parse(ip, words, 'del');
  const name = p.name || DEFAULT_NAMES[p.kind];
  const link = findLink(ip.ns, name);
  if (!link) throw failed('delete', name, 'ENODEV');
  const data = tunnelOf(link);
  if (!data) throw failed('delete', name, 'EOPNOTSUPP');
  if (data.fallback) throw failed('delete', name, 'EPERM');
  deleteLink(ip.world, ip.ns, link);
  return 0;
}

const PROTOCOLS: Readonly<Record<number, string>> = { 0: 'any', 4: 'ip', 137: 'mpls' };

function print(ip: Ip, p: Printer, link: Link): void {
  const t = tunnelOf(link) as TunnelData;
  p.any('ifname', link.name, `${link.name}: `);
  const mode = `${link.kind === 'gre' ? 'gre' : (PROTOCOLS[t.proto] ?? 'unknown')}/ip`;
  p.any('mode', mode, `${mode} `);
  const end = (a: number) => (a || p.json ? formatIp(a) : 'any');
  p.any('remote', end(t.remote), `remote ${end(t.remote)} `);
  p.any('local', end(t.local), `local ${end(t.local)}`);
  const dev = link.lower ? (ip.ns.links.get(link.lower)?.name ?? `if${link.lower}`) : '';
  if (dev) p.any('dev', dev, ` dev ${dev}`);
  if (t.ttl) p.any('ttl', t.ttl, ` ttl ${t.ttl}`);
  else p.fp(' ttl inherit');
  if (t.tos === 1) p.fp(' tos inherit');
  else if (t.tos) {
    const text = !p.json && t.tos & 1 ? `inherit/${dsfieldName(t.tos & ~1)}` : dsfieldName(t.tos);
    p.any('tos', text, ` tos ${text}`);
  }
  if (!t.pmtudisc) p.any('nopmtudisc', null, ' nopmtudisc');
  const both = t.iflags & t.oflags & GRE_KEY && t.ikey === t.okey;
  if (both) p.any('key', t.ikey, ` key ${t.ikey}`);
  if (!both && t.iflags & GRE_KEY) p.any('ikey', t.ikey, ` ikey ${t.ikey}`);
  if (!both && t.oflags & GRE_KEY) p.any('okey', t.okey, ` okey ${t.okey}`);
  if (link.kind !== 'gre') return;
  const flags: [number, number, string, string][] = [
    [t.iflags, GRE_SEQ, 'rx_drop_ooseq', 'Drop packets out of sequence.'],
    [t.iflags, GRE_CSUM, 'rx_csum', 'Checksum in received packet is required.'],
    [t.oflags, GRE_SEQ, 'tx_seq', 'Sequence packets on output.'],
    [t.oflags, GRE_CSUM, 'tx_csum', 'Checksum output packets.'],
  ];
  p.openArray('flags');
  for (const [set, flag, word, text] of flags) if (set & flag) p.any(null, word, `${p.nl}  ${text}`);
  p.close();
}

function printStats(p: Printer, link: Link): void {
  const s = link.stats;
  const row = (values: number[], widths: number[]) =>
    `    ${values.map((v, i) => String(v).padEnd(widths[i] as number)).join(' ')}`;
  p.fp(
    `${p.nl}RX: Packets    Bytes        Errors CsumErrs OutOfSeq Mcasts${p.nl}` +
      row([s.rxPackets, s.rxBytes, s.rxErrors, 0, 0, s.multicast], [10, 12, 6, 8, 8, 8]) +
      `${p.nl}TX: Packets    Bytes        Errors DeadLoop NoRoute  NoBufs${p.nl}` +
      row([s.txPackets, s.txBytes, s.txErrors, s.collisions, s.txCarrier, s.txDropped], [10, 12, 6, 8, 8, 6]),
  );
}

function show(ip: Ip, words: readonly string[]): number {
  const want = parse(ip, words, 'show');
  if (want.kind) {
    const p = new Printer(false, ip.opts.oneline);
    print(ip, p, existing(ip, want.name || DEFAULT_NAMES[want.kind]));
    ip.out += `${p.text}\n`;
    return 0;
  }
  const fits = (link: Link, t: TunnelData) =>
    (!want.dev || link.lower === want.data.lower) &&
    (!want.name || link.name === want.name) &&
    (!want.data.remote || t.remote === want.data.remote) &&
    (!want.data.local || t.local === want.data.local) &&
    (!want.data.ikey || t.ikey === want.data.ikey);
  const found = linksByIndex(ip.ns).filter((link) => isIpTunnel(link) && fits(link, tunnelOf(link) as TunnelData));
  const texts = found.map((link) => {
    const p = new Printer(ip.opts.json, ip.opts.oneline);
    p.open();
    print(ip, p, link);
    p.close();
    // Counters are text in any case.
    const stats = new Printer(false, ip.opts.oneline);
    if (ip.opts.stats) printStats(stats, link);
    return `${p.json ? writeJson(p.objects[0] as Json, ip.opts.pretty, 1) : p.text}${stats.text}\n`;
  });
  if (!ip.opts.json) ip.out += texts.join('');
  else if (texts.length === 0) ip.out += `${writeJson([], ip.opts.pretty)}\n`;
  else ip.out += ip.opts.pretty ? `[ ${texts.join(',')} ]\n` : `[${texts.join(',')}]\n`;
  return 0;
}

/** `ip tunnel …` */
export function tunnel(ip: Ip, words: readonly string[]): number {
  const mode = words[words.indexOf('mode') + 1];
  if (ip.opts.family === 6 || (words.includes('mode') && mode !== undefined && MODES6.has(mode)))
    throw notModelledExit('ip -6 tunnel');
  if (typeof ip.opts.family === 'string') throw new Exit(255, `Unsupported protocol family: ${ip.opts.family}\n`);
  const [verb, ...rest] = words;
  if (verb === undefined) return show(ip, []);
  if (matches(verb, 'add')) return add(ip, rest, 'add');
  if (matches(verb, 'change')) return add(ip, rest, 'change');
  if (matches(verb, 'delete')) return remove(ip, rest);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(ip, rest);
  if (matches(verb, 'prl') || matches(verb, '6rd')) throw notModelledExit(`ip tunnel ${verb}`);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.tunnel);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip tunnel help"\n`);
}
