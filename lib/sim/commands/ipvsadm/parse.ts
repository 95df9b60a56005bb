/** One ipvsadm command line, read. */
import { type Ip, parseIp6 } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { isScheduler } from '../../linux/ipvs/sched.ts';
import type { DestSpec, ServiceSpec } from '../../linux/ipvs/service.ts';
import { PLAIN_TUNNEL, type SyncDaemon, type VsTunnel } from '../../linux/ipvs/types.ts';
import { portByName } from '../../linux/netfilter/services.ts';
import { parseAton, resolveHost } from '../../linux/resolve/resolve.ts';
import { IPPROTO } from '../../packet/packet.ts';
import { checkOptions, commandOf, NotThere, note, type Opt, Refused, readWords } from './options.ts';

const MAX_TIMEOUT = 86_400 * 31;
const MAX_INT = 2_147_483_647;
const DEFAULT_PERSISTENCE = 360;
export const TRY_HELP = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.";

export interface Line {
  command: string;
  svc: ServiceSpec;
  dest: DestSpec & { af: 4 | 6 };
  seen: Set<string>;
  timeouts: number[];
  daemon: SyncDaemon;
}

function number(text: string, min: number, max: number): number | null {
  if (!/^[ \t\n]*[+-]?\d+$/.test(text)) return null;
  const n = Number(text);
  return n >= min && n <= max ? n : null;
}

function bounded(text: string, max: number, what: string): number {
  const n = number(text, 0, max);
  if (n === null) throw new Refused(`illegal ${what} specified`);
  return n;
}

function timeout(text: string, min: number): number {
  const n = number(text, min, MAX_TIMEOUT);
  if (n === null) throw new Refused(`invalid timeout value \`${text}' specified`);
  return n;
}

interface Address {
  addr: Ip;
  af: 4 | 6;
  port: number | null;
}

/** `host[:port]`, or null: parse_service(). */
function* address(proc: Proc, text: string, proto: number): Io<Address | null> {
  if (/^\d*$/.test(text)) return null;
  let host = text;
  let port: string | null = null;
  if (text.startsWith('[')) {
    const inside = /^\[([^\]]*)\]:(.*)$/s.exec(text);
    if (!inside) return null;
    host = inside[1] as string;
    port = inside[2] as string;
  }
  const six = parseIp6(host);
  let addr: Ip | null = six;
  if (six === null) {
    const colon = host.lastIndexOf(':');
    if (colon >= 0) {
      port = host.slice(colon + 1);
      host = host.slice(0, colon);
    }
    addr = parseAton(host);
    if (addr === null) {
      const found = yield* resolveHost(proc, host, 4);
      addr = found.ok ? (found.ips[0] ?? null) : null;
    }
  }
  if (addr === null) return null;
  const af = typeof addr === 'bigint' ? 6 : 4;
  if (port === null) return { addr, af, port: null };
  const n = number(port, 0, 65_535) ?? portByName(port, proto);
  return n === null ? null : { addr, af, port: n };
}

const FLAGS: Readonly<Record<string, [flag: number, sched: string]>> = {
  'flag-1': [1, ''],
  'flag-2': [2, ''],
  'flag-3': [4, ''],
  'sh-fallback': [1, 'sh'],
  'sh-port': [2, 'sh'],
  'mh-fallback': [1, 'mh'],
  'mh-port': [2, 'mh'],
};

function schedulerFlags(sched: string, text: string): number {
  let flags = 0;
  for (const word of text.split(',').filter((w) => w !== '')) {
    const known = Object.hasOwn(FLAGS, word) ? FLAGS[word] : undefined;
    if (!known) throw new Refused(`invalid scheduler flag \`${word}'`);
    if (known[1] !== '' && known[1] !== (sched || 'wlc')) throw new Refused(`incompatible scheduler flag \`${word}'`);
    flags |= known[0];
  }
  return flags;
}

const PROTO: Readonly<Record<string, number>> = { t: IPPROTO.tcp, u: IPPROTO.udp, 'sctp-service': IPPROTO.sctp };
const NEEDS_MORE = /^pe$/;

class Reader {
  readonly line: Line = {
    command: '',
    svc: {
      af: 4,
      proto: 0,
      fwmark: 0,
      addr: 0,
      port: 0,
      sched: '',
      schedFlags: 0,
      timeout: 0,
      netmask: 0xffffffff,
      ops: false,
    },
    dest: { af: 4, addr: 0, port: 0, fwd: 'route', weight: 1, upper: 0, lower: 0 },
    seen: new Set(),
    timeouts: [],
    daemon: { role: 'master', dev: '', syncid: 0, maxlen: 0, port: 0, ttl: 0 },
  };
  flags = '';
  readonly tun: VsTunnel = { ...PLAIN_TUNNEL };

  constructor(readonly proc: Proc) {}

  *option({ key, value, word }: Opt): Io<void> {
    const { svc, dest, seen } = this.line;
    const text = value ?? '';
    note(seen, key);
    if (NEEDS_MORE.test(key)) throw new NotThere(`ipvsadm ${word}`);
    switch (key) {
      case 't':
      case 'u':
      case 'sctp-service':
        svc.proto = PROTO[key] as number;
        yield* this.service(text);
        return;
      case 'f': {
        svc.proto = IPPROTO.tcp;
        const mark = number(text, 1, 0xffffffff);
        if (mark === null) throw new Refused(`invalid fwmark value \`${text}' specified`);
        svc.fwmark = mark;
        return;
      }
      case '6':
        if (!svc.fwmark) throw new Refused('-6 used before -f\n');
        Object.assign(svc, { af: 6, netmask: 128, addr: 0n });
        return;
      case 's':
        svc.sched = text.slice(0, 15);
        return;
      case 'p':
        svc.timeout = value === null ? DEFAULT_PERSISTENCE : timeout(text, 1);
        return;
      case 'M':
        this.netmask(text);
        return;
      case 'r':
        yield* this.server(text);
        return;
      case 'm':
        dest.fwd = 'masq';
        return;
      case 'i':
        dest.fwd = 'tunnel';
        return;
      case 'g':
        dest.fwd = 'route';
        return;
      case 'tun-type':
        if (text !== 'ipip' && text !== 'gue' && text !== 'gre') throw new Refused('illegal tunnel type specified');
        this.tun.type = text;
        return;
      case 'tun-port':
        this.tun.port = bounded(text, 65_535, 'tunnel port');
        return;
      case 'tun-nocsum':
      case 'tun-csum':
      case 'tun-remcsum':
        this.tun.csum = key.slice(4) as VsTunnel['csum'];
        return;
      case 'mcast-interface':
        this.line.daemon.dev = text.slice(0, 15);
        return;
      case 'syncid':
        this.line.daemon.syncid = bounded(text, 255, 'syncid');
        return;
      case 'sync-maxlen':
        this.line.daemon.maxlen = bounded(text, 65_495, 'sync-maxlen');
        return;
      case 'mcast-port':
        this.line.daemon.port = bounded(text, 65_535, 'mcast-port');
        return;
      case 'mcast-ttl':
        this.line.daemon.ttl = bounded(text, 255, 'mcast-ttl');
        return;
      case 'mcast-group':
        throw new NotThere('ipvsadm --mcast-group');
      case 'w':
        dest.weight = bounded(text, MAX_INT, 'weight');
        return;
      case 'x':
        dest.upper = bounded(text, MAX_INT, 'u_threshold');
        return;
      case 'y':
        dest.lower = bounded(text, MAX_INT, 'l_threshold');
        return;
      case 'o':
        svc.ops = true;
        return;
      case 'b':
        this.flags = text;
        return;
      default:
        if (commandOf(key)) throw new Refused(`invalid option \`${word}'`);
    }
  }

  private *service(text: string): Io<void> {
    const { svc } = this.line;
    const found = yield* address(this.proc, text, svc.proto);
    if (!found) throw new Refused('illegal virtual server address[:port] specified');
    svc.addr = found.addr;
    svc.af = found.af;
    svc.port = found.port ?? 0;
    if (found.af === 6) svc.netmask = 128;
  }

  private *server(text: string): Io<void> {
    const { svc, dest } = this.line;
    const found = yield* address(this.proc, text, svc.proto);
    if (!found) throw new Refused('illegal real server address[:port] specified');
    Object.assign(dest, { addr: found.addr, af: found.af, port: found.port ?? svc.port });
  }

  private netmask(text: string): void {
    const { svc } = this.line;
    if (svc.af === 6) {
      const len = Number.parseInt(text, 10);
      if (!(len >= 1 && len <= 128)) throw new Refused('illegal ipv6 netmask specified');
      svc.netmask = len;
      return;
    }
    const mask = parseAton(text);
    if (mask === null) throw new Refused('illegal virtual server persistent mask specified');
    svc.netmask = mask;
  }

  /** What is checked once all options are known. */
  finish(operands: string[]): Line {
    const { line } = this;
    const { svc, dest, command } = line;
    const rest = [...operands];
    if (command === 'set') {
      if (rest.length < 3) throw new Refused('--set option requires 3 timeout values');
      line.timeouts = rest.splice(0, 3).map((t) => timeout(t, 0));
    }
    if (rest[0] !== undefined) throw new Refused(`unexpected argument ${rest[0]}`);
    if (this.flags !== '') svc.schedFlags = schedulerFlags(svc.sched, this.flags);
    checkOptions(command, line.seen);
    if (command === 'add-service' || command === 'edit-service') this.checkService();
    if (command === 'add-server' || command === 'edit-server') {
      if (!svc.fwmark && dest.fwd !== 'masq') dest.port = svc.port;
      dest.tun = this.tun;
      if (dest.af !== svc.af && dest.fwd !== 'tunnel')
        throw new Refused('Different address family is allowed only for tunneling servers');
    }
    return line;
  }

  private checkService(): void {
    const { svc } = this.line;
    if (!svc.fwmark && svc.port === 0 && svc.timeout === 0)
      throw new Refused('Zero port specified for non-persistent service');
    if (svc.ops && !svc.fwmark && svc.proto !== IPPROTO.udp)
      throw new Refused('One-Packet Scheduling is only for UDP virtual services');
    if (svc.sched === '') svc.sched = 'wlc';
    if (!isScheduler(svc.sched) && svc.sched === 'twos') throw new NotThere(`scheduler ${svc.sched}`);
  }
}

/** Reads the words after the program's name. Throws {@link Refused} and {@link NotThere}. */
export function* readLine(proc: Proc, argv: readonly string[]): Io<Line> {
  const words = readWords(argv);
  const [first, ...others] = words.options;
  const command = first ? commandOf(first.key) : undefined;
  if (!first || command === undefined) throw new Refused(TRY_HELP, 255);
  const reader = new Reader(proc);
  reader.line.command = command;
  if (command === 'version' || command === 'help') return reader.line;
  if (command.endsWith('-daemon')) {
    if (first.value !== 'master' && first.value !== 'backup')
      throw new Refused(`illegal ${command} parameter specified`);
    reader.line.daemon.role = first.value;
  }
  for (const option of others) yield* reader.option(option);
  if (words.error !== null) throw new Refused(words.error, 255);
  return reader.finish(words.operands);
}
