/** What `ipvsadm -L` and `-S` print. */
import { formatIp, type Ip } from '../../addr/ip.ts';
import type { Proc } from '../../kernel/process.ts';
import { FORWARDS, secondsLeft, stateName, VS_TITLE } from '../../linux/ipvs/proc.ts';
import { shownRates, shownStats } from '../../linux/ipvs/stats.ts';
import { ipvsOf, type VsDest, type VsService, type VsStats } from '../../linux/ipvs/types.ts';
import { serviceName } from '../../linux/netfilter/services.ts';
import { hostNames } from './names.ts';

/** How a list looks. `rule` is the form of `-S`. */
export interface Format {
  rule: boolean;
  numeric: boolean;
  seen: ReadonlySet<string>;
}

type Cells = readonly (string | number)[];

const NAMES: Readonly<Record<number, string>> = { 6: 'TCP', 17: 'UDP', 132: 'SCTP' };
const RULE_WORDS: Readonly<Record<number, string>> = { 6: '-t', 17: '-u', 132: '--sctp-service' };
const RULE_FORWARDS = { masq: '-m', route: '-g', tunnel: '-i' } as const;

/** `-S` and the way a tunnelled server's packets are wrapped. */
function tunnelWords(d: VsDest): string {
  if (d.fwd !== 'tunnel') return '';
  const { type, port, csum } = d.tun;
  return ` --tun-type ${type}${type === 'gue' ? ` --tun-port ${port}` : ''}${type === 'ipip' ? '' : ` --tun-${csum}`}`;
}

/** `--tun-info`. */
const tunnelInfo = (d: VsDest): string =>
  d.fwd !== 'tunnel'
    ? 'n/a'
    : d.tun.type === 'gue'
      ? `gue:${d.tun.port}:${d.tun.csum}`
      : d.tun.type === 'gre'
        ? `gre:${d.tun.csum}`
        : 'ipip';
const STATS = ['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes'];
const RATES = ['CPS', 'InPPS', 'OutPPS', 'InBPS', 'OutBPS'];
const LOCAL = 'Prot LocalAddress:Port';
const REMOTE = '  -> RemoteAddress:Port';

const wide = (cells: Cells, widths: readonly number[]): string =>
  cells.map((c, i) => String(c).padEnd(widths[i] ?? 0)).join(' ');

function title({ rule, seen }: Format): string {
  const narrow = (names: readonly string[]) =>
    `${LOCAL.padEnd(33)} ${names.map((n) => n.padStart(8)).join(' ')}\n${REMOTE}\n`;
  if (seen.has('stats')) return narrow(STATS);
  if (seen.has('rate')) return narrow(RATES);
  if (seen.has('thresholds'))
    return `${wide([LOCAL, 'Uthreshold', 'Lthreshold', 'ActiveConn', 'InActConn'], [33, 10, 10, 10, 10])}\n${REMOTE}\n`;
  if (seen.has('persistent-conn'))
    return `${wide([LOCAL, 'Weight', 'PersistConn', 'ActiveConn', 'InActConn'], [33, 9, 11, 10, 10])}\n${REMOTE}\n`;
  if (seen.has('tun-info'))
    return `${LOCAL} Scheduler Flags\n${REMOTE}           Forward TunnelInfo    Weight ActiveConn InActConn\n`;
  return rule ? '' : `${LOCAL} Scheduler Flags\n${REMOTE}           Forward Weight ActiveConn InActConn\n`;
}

/** A number with a leading blank: print_largenum(). */
function large(n: number, exact: boolean): string {
  if (exact) return String(n).padStart(String(n).length <= 8 ? 9 : String(n).length + 1);
  const [over, letter] =
    n < 1e8 ? [1, ''] : n < 1e9 ? [1e3, 'K'] : n < 1e11 ? [1e6, 'M'] : n < 1e14 ? [1e9, 'G'] : [1e12, 'T'];
  return String(Math.floor(n / over)).padStart(letter ? 8 : 9) + letter;
}

/** A difference as the C code keeps it: in an int. */
const int = (a: Ip, b: Ip): number => Number(BigInt.asIntN(32, BigInt(a) - BigInt(b)));

function byAddress(a: Ip, b: Ip): number {
  if (typeof a === 'number' && typeof b === 'number') return int(a, b);
  for (let shift = 96n; shift >= 0n; shift -= 32n) {
    const r = int((BigInt(a) >> shift) & 0xffffffffn, (BigInt(b) >> shift) & 0xffffffffn);
    if (r !== 0) return r;
  }
  return 0;
}

const byService = (a: VsService, b: VsService): number =>
  int(a.fwmark, b.fwmark) || a.af - b.af || a.proto - b.proto || byAddress(a.addr, b.addr) || a.port - b.port;

const byServer = (a: VsDest, b: VsDest): number => byAddress(a.addr, b.addr) || a.port - b.port;

/** glibc's merge sort: the order does not obey arithmetic, so the algorithm matters. */
function sorted<T>(list: readonly T[], compare: (a: T, b: T) => number): T[] {
  if (list.length < 2) return [...list];
  const half = list.length >> 1;
  const left = sorted(list.slice(0, half), compare);
  const right = sorted(list.slice(half), compare);
  const merged: T[] = [];
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length)
    merged.push(compare(left[i] as T, right[j] as T) <= 0 ? (left[i++] as T) : (right[j++] as T));
  return [...merged, ...left.slice(i), ...right.slice(j)];
}

class Printer {
  readonly hosts: ReadonlyMap<Ip, string>;
  constructor(
    readonly proc: Proc,
    readonly format: Format,
  ) {
    this.hosts = format.numeric ? new Map() : hostNames(proc);
  }

  name(ip: Ip, port: number, proto: number): string {
    const host = this.hosts.get(ip) ?? formatIp(ip);
    const service = this.format.numeric || proto === 0 ? port : (serviceName(port, proto) ?? port);
    return typeof ip === 'bigint' ? `[${host}]:${service}` : `${host}:${service}`;
  }

  private numbers(stats: VsStats): string {
    const { now } = this.proc.world;
    const values = this.format.seen.has('rate') ? shownRates(stats, now) : shownStats(stats, now);
    return values.map((n) => large(n, this.format.seen.has('exact'))).join('');
  }

  private serviceName(svc: VsService): string {
    const { rule } = this.format;
    if (svc.fwmark)
      return rule ? `-f ${svc.fwmark}${svc.af === 6 ? ' -6' : ''}` : `FWM  ${svc.fwmark}${svc.af === 6 ? ' IPv6' : ''}`;
    const name = this.name(svc.addr, svc.port, svc.proto);
    if (rule) return `${RULE_WORDS[svc.proto] ?? '-t'} ${name}`;
    const text = `${(NAMES[svc.proto] ?? '?').padEnd(4)} ${name}`;
    return svc.af === 6 ? text : text.slice(0, 33);
  }

  service(svc: VsService): string {
    const { rule, seen } = this.format;
    const name = this.serviceName(svc);
    const masked = svc.netmask !== (svc.af === 4 ? 0xffffffff : 128);
    const mask = svc.af === 4 ? formatIp(svc.netmask) : svc.netmask;
    const flags = flagWords(svc);
    let text: string;
    if (rule) {
      text = `-A ${name} -s ${svc.sched}`;
      if (svc.timeout) text += ` -p ${svc.timeout}${masked ? ` -M ${mask}` : ''}`;
      if (svc.ops) text += ' -o';
      if (svc.schedFlags) text += ` -b ${flags}`;
    } else if (seen.has('stats') || seen.has('rate')) text = name.padEnd(33) + this.numbers(svc.stats);
    else {
      text = `${name} ${svc.sched}`;
      if (svc.schedFlags) text += ` (${flags})`;
      if (svc.timeout) text += ` persistent ${svc.timeout}${masked ? ` mask ${mask}` : ''}`;
      if (svc.ops) text += ' ops';
    }
    const dests = seen.has('nosort') ? svc.dests : sorted(svc.dests, byServer);
    return `${text}\n${dests.map((d) => this.server(svc, d, name)).join('')}`;
  }

  private server(svc: VsService, d: VsDest, service: string): string {
    const { rule, seen } = this.format;
    // The kernel does not say the protocol of a service by mark: its ports have no names.
    const full = this.name(d.addr, d.port, svc.fwmark ? 0 : svc.proto);
    if (rule) return `-a ${service} -r ${full} ${RULE_FORWARDS[d.fwd]} -w ${d.weight}${tunnelWords(d)}\n`;
    const name = (typeof d.addr === 'bigint' ? full : full.slice(0, 28)).padEnd(28);
    const fwd = FORWARDS[d.fwd];
    if (seen.has('stats') || seen.has('rate')) return `  -> ${name}${this.numbers(d.stats)}\n`;
    if (seen.has('thresholds'))
      return `  -> ${name} ${wide([d.upper, d.lower, d.active, d.inactive], [10, 10, 10, 10])}\n`;
    if (seen.has('persistent-conn'))
      return `  -> ${name} ${wide([d.weight, d.persist, d.active, d.inactive], [9, 11, 10, 10])}\n`;
    if (seen.has('tun-info'))
      return `  -> ${name} ${wide([fwd, tunnelInfo(d), d.weight, d.active, d.inactive], [7, 13, 6, 10, 10])}\n`;
    return `  -> ${name} ${wide([fwd, d.weight, d.active, d.inactive], [7, 6, 10, 10])}\n`;
  }
}

function flagWords(svc: VsService): string {
  const own = { sh: ['sh-fallback', 'sh-port'], mh: ['mh-fallback', 'mh-port'] }[svc.sched];
  return (own ?? ['flag-1', 'flag-2', 'flag-3']).filter((_, i) => svc.schedFlags & (1 << i)).join(',');
}

/** All services, or one. */
export function listServices(proc: Proc, format: Format, one?: VsService): string {
  const printer = new Printer(proc, format);
  const all = one ? [one] : [...ipvsOf(proc.netns).services.values()];
  const head = one || format.rule ? '' : VS_TITLE;
  return (
    head +
    title(format) +
    sorted(all, byService)
      .map((svc) => printer.service(svc))
      .join('')
  );
}

/** `ipvsadm -Lc`. */
export function listConnections(proc: Proc, format: Format): string {
  const printer = new Printer(proc, format);
  const more = format.seen.has('persistent-conn');
  let text = 'IPVS connection entries\n';
  text += more
    ? `pro expire ${wide(['state', 'source', 'virtual', 'destination', 'pe name', 'pe_data'], [11, 18, 18, 18, 16, 0])}\n`
    : `pro expire ${wide(['state', 'source', 'virtual', 'destination'], [11, 18, 18, 0])}\n`;
  for (const c of ipvsOf(proc.netns).conns.values()) {
    const left = secondsLeft(proc.world, c);
    const two = (n: number) => String(n).padStart(2, '0');
    const cells = [
      NAMES[c.proto] ?? 'IP',
      `${two(Math.floor(left / 60))}:${two(left % 60)}`,
      stateName(c),
      printer.name(c.caddr, c.cport, c.proto),
      printer.name(c.vaddr, c.vport, c.proto),
      printer.name(c.daddr, c.dport, c.proto),
    ];
    text += `${wide(cells, [3, 6, 11, 18, 18, 0])}\n`;
  }
  return text;
}
