import { formatIp } from '../../../addr/ip.ts';
import { formatMac } from '../../../addr/mac.ts';
import { ipLength, type Packet } from '../../../packet/packet.ts';
import { defineTarget, fail, type HookState } from '../ext.ts';
import { parseUint, saveString } from '../values.ts';

const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'];
const LEVEL_WORDS: Record<string, number> = {
  panic: 0,
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  error: 3,
  warn: 4,
  warning: 4,
  notice: 5,
  info: 6,
  debug: 7,
};
const FLAGS: [string, number][] = [
  ['log-tcp-sequence', 1],
  ['log-tcp-options', 2],
  ['log-ip-options', 4],
  ['log-uid', 8],
  ['log-macdecode', 32],
];

interface LogArgs {
  level: number;
  prefix: string;
  flags: number;
}

function parseLevel(text: string): number {
  const number = text === '' ? null : parseUint(text, 7);
  const value = number ?? LEVEL_WORDS[text.toLowerCase()];
  if (value === undefined) fail(`log level "${text}" unknown\n`);
  return value;
}

function l4Text(p: Packet, flags: number): string {
  const { tcp, udp, icmp } = p;
  if (tcp) {
    const seq = flags & 1 ? `SEQ=${tcp.seq} ACK=${tcp.ack} ` : '';
    const bits = [tcp.ackFlag && 'ACK ', tcp.psh && 'PSH ', tcp.rst && 'RST ', tcp.syn && 'SYN ', tcp.fin && 'FIN ']
      .filter(Boolean)
      .join('');
    return `PROTO=TCP SPT=${tcp.sport} DPT=${tcp.dport} ${seq}WINDOW=${tcp.win} RES=0x00 ${bits}URGP=0 `;
  }
  if (udp) return `PROTO=UDP SPT=${udp.sport} DPT=${udp.dport} LEN=${8 + p.data.length} `;
  if (icmp) {
    const echo = icmp.id !== undefined ? `ID=${icmp.id} SEQ=${icmp.seq ?? 0} ` : '';
    const quoted = icmp.quoted?.ip ? `[${ipText(icmp.quoted, 0)}] ` : '';
    return `PROTO=${p.ip?.proto === 58 ? 'ICMPv6' : 'ICMP'} TYPE=${icmp.type} CODE=${icmp.code} ${echo}${quoted}`;
  }
  return `PROTO=${p.ip?.proto ?? 0} `;
}

function ipText(p: Packet, flags: number): string {
  const { ip } = p;
  if (!ip) return '';
  if (typeof ip.src === 'bigint') {
    const full = (a: bigint) =>
      a
        .toString(16)
        .padStart(32, '0')
        .replace(/(.{4})(?!$)/g, '$1:');
    return `SRC=${full(ip.src)} DST=${full(ip.dst as bigint)} LEN=${ipLength(p)} TC=${ip.tos} HOPLIMIT=${ip.ttl} FLOWLBL=0 ${l4Text(p, flags)}`;
  }
  const tos = `TOS=0x${(ip.tos & 0x1e).toString(16).padStart(2, '0').toUpperCase()} PREC=0x${(ip.tos & 0xe0).toString(16).padStart(2, '0').toUpperCase()}`;
  const frag = ip.offset ? `FRAG:${ip.offset / 8} ` : '';
  return `SRC=${formatIp(ip.src)} DST=${formatIp(ip.dst)} LEN=${ipLength(p)} ${tos} TTL=${ip.ttl} ID=${ip.id} ${ip.df ? 'DF ' : ''}${ip.mf ? 'MF ' : ''}${frag}${l4Text(p, flags)}`;
}

/** The line that nf_log_ipv4/6 writes to the kernel log. */
function logLine(state: HookState, args: LogArgs): string {
  const { packet, ns } = state;
  const phys = (index: number | undefined) => (index ? (ns.links.get(index)?.name ?? '') : '');
  const physIn = phys(packet.physIn) ? `PHYSIN=${phys(packet.physIn)} ` : '';
  const physOut = phys(packet.physOut) ? `PHYSOUT=${phys(packet.physOut)} ` : '';
  let mac = '';
  if (state.in && packet.eth) {
    const type = packet.eth.type.toString(16).padStart(4, '0');
    mac = `MAC=${formatMac(packet.eth.dst)}:${formatMac(packet.eth.src)}:${type.slice(0, 2)}:${type.slice(2)} `;
  }
  const mark = packet.mark ? `MARK=0x${packet.mark.toString(16)} ` : '';
  return `${args.prefix}IN=${state.in?.name ?? ''} OUT=${state.out?.name ?? ''} ${physIn}${physOut}${mac}${ipText(packet, args.flags)}${mark}`;
}

/** Writes a packet to the kernel log: for the initial namespace only, unless nf_log_all_netns is set. */
export function logPacket(state: HookState, args: LogArgs): void {
  const host = state.world.hosts.get(state.ns.host);
  if (host && (host.rootNs === state.ns.id || host.sysctl.get('net.netfilter.nf_log_all_netns') === '1')) {
    host.dmesg.push({ at: state.world.now, text: logLine(state, args) });
  }
}

export const log = defineTarget<LogArgs>({
  name: 'LOG',
  options: [{ name: 'log-level', arg: true }, { name: 'log-prefix', arg: true }, ...FLAGS.map(([name]) => ({ name }))],
  init: () => ({ level: 4, prefix: '', flags: 0 }),
  option(args, id, value) {
    if (id === 'log-level') args.level = parseLevel(value);
    else if (id === 'log-prefix') {
      if (value === '') fail('Argument must have a minimum length of 1 characters\n');
      if (value.includes('\n')) fail('Newlines not allowed in --log-prefix');
      args.prefix = value.slice(0, 29);
    } else args.flags |= FLAGS.find(([name]) => name === id)?.[1] ?? 0;
  },
  save(args) {
    const prefix = args.prefix ? ` --log-prefix${saveString(args.prefix)}` : '';
    const level = args.level === 4 ? '' : ` --log-level ${args.level}`;
    return (
      prefix +
      level +
      FLAGS.filter(([, bit]) => args.flags & bit)
        .map(([name]) => ` --${name}`)
        .join('')
    );
  },
  list(args, numeric) {
    const prefix = args.prefix ? ` prefix "${args.prefix}"` : '';
    if (numeric) return `LOG flags ${args.flags} level ${args.level}${prefix}`;
    const words = ['tcp-sequence', 'tcp-options', 'ip-options', 'uid', 'macdecode'].filter(
      (_, i) => args.flags & (FLAGS[i] as [string, number])[1],
    );
    return `LOG level ${LEVELS[args.level]}${words.map((w) => ` ${w}`).join('')}${prefix}`;
  },
  apply(args, state) {
    logPacket(state, args);
    return 'CONTINUE';
  },
});
