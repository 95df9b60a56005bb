/** TCP as print-tcp.c prints it. RFC 9293, 7323, 2018. */
import { printBgp } from './bgp.ts';
import { bits, type Dissector, hex4 } from './dissector.ts';
import { printDomain } from './domain.ts';
import { pseudoHeader, residue, shouldBe } from './sum.ts';
import { printFtp, printHttp, printResp, printSmtp, printSsh, printWhois, visible } from './text.ts';

const FLAGS = [
  [1, 'F'],
  [2, 'S'],
  [4, 'R'],
  [8, 'P'],
  [16, '.'],
  [32, 'U'],
  [64, 'E'],
  [128, 'W'],
] as const;

const OPTIONS: Record<number, string> = {
  0: 'eol',
  1: 'nop',
  2: 'mss',
  3: 'wscale',
  4: 'sackOK',
  5: 'sack',
  6: 'echo',
  7: 'echoreply',
  8: 'TS',
  11: 'cc',
  12: 'ccnew',
  13: 'ccecho',
  19: 'md5',
  20: 'scps',
  28: 'uto',
  29: 'tcp-ao',
  30: 'mptcp',
  34: 'tfo',
  254: 'exp',
};

interface Conversation {
  seq: number;
  ack: number;
  reversed: boolean;
}

/** `A.port > B.port: `; ports alone when the segment is not right under its IP header. */
export function printEnds(d: Dissector, at: number, ip: number, proto: 'tcp' | 'udp'): undefined {
  const six = d.u8(ip) >> 4 === 6;
  const own = d.u8(six ? ip + 6 : ip + 9) === (proto === 'tcp' ? 6 : 17);
  if (!own && d.has(at, 4)) return d.print(`${d.port(d.u16(at), proto)} > ${d.port(d.u16(at + 2), proto)}: `);
  const [src, dst] = six ? [d.addr6(ip + 8), d.addr6(ip + 24)] : [d.addr4(ip + 12), d.addr4(ip + 16)];
  if (!d.has(at, 4)) {
    d.print(`${src} > ${dst}:`);
    d.check(at, 4);
  }
  d.print(`${src}.${d.port(d.u16(at), proto)} > ${dst}.${d.port(d.u16(at + 2), proto)}: `);
}

/** Finds or notes the conversation's first sequence numbers; null with -S and before an ACK. */
function conversation(d: Dissector, at: number, ip: number, flags: number): { known: boolean; c: Conversation } | null {
  if (d.options.absolute || !(flags & 16)) return null;
  const six = d.u8(ip) >> 4 === 6;
  const src = six ? d.ip6(ip + 8) : d.ip4(ip + 12);
  const dst = six ? d.ip6(ip + 24) : d.ip4(ip + 16);
  const sport = d.u16(at);
  const dport = d.u16(at + 2);
  const seq = d.u32(at + 4);
  const ack = d.u32(at + 8);
  const reversed = sport > dport || (sport === dport && src >= dst);
  const key = reversed ? `${dst} ${src} ${dport} ${sport}` : `${src} ${dst} ${sport} ${dport}`;
  const found = d.state.conversations.get(key);
  if (found && !(flags & 2)) return { known: true, c: { ...found, reversed } };
  const first = reversed ? { seq: (ack - 1) >>> 0, ack: seq } : { seq, ack: (ack - 1) >>> 0 };
  d.added.set(key, found ?? null);
  d.state.conversations.set(key, first);
  return { known: false, c: { ...first, reversed } };
}

/** A segment of `length` bytes at `at`, under the IP header at `ip`. */
export function printTcp(d: Dissector, at: number, total: number, ip: number, fragmented: boolean): undefined {
  d.protocol = 'tcp';
  printEnds(d, at, ip, 'tcp');
  if (!d.has(at, 20)) return d.truncated();
  const { verbose } = d.options;
  const head = (d.u8(at + 12) >> 4) * 4;
  if (head < 20) return d.print(` tcp ${total - head} [bad hdr length ${head} - too short, < 20]`);
  const tooLong = head > total ? ` [bad hdr length ${head} - too long, > ${total}]` : '';
  if (d.options.quiet) return d.print(`tcp ${total - head}${tooLong}`);
  const flags = d.u8(at + 13);
  d.print(`Flags [${bits(FLAGS, flags, 'none', '')}]`);
  const talk = conversation(d, at, ip, flags);
  if (tooLong) return d.print(tooLong);
  if (verbose && !d.options.noChecksum && !fragmented && d.has(at, total)) {
    const there = d.u16(at + 16);
    const rest = residue(pseudoHeader(d, ip, 6, total) + d.slice(at, total));
    d.print(`, cksum ${hex4(there)} ${rest === 0 ? '(correct)' : `(incorrect -> ${hex4(shouldBe(there, rest))})`}`);
  }
  const length = total - head;
  let seq = d.u32(at + 4);
  let ack = d.u32(at + 8);
  if (talk?.known) {
    const { c } = talk;
    seq = (seq - (c.reversed ? c.ack : c.seq)) >>> 0;
    ack = (ack - (c.reversed ? c.seq : c.ack)) >>> 0;
  }
  if (verbose > 1 || length > 0 || flags & 7) d.print(`, seq ${seq}${length > 0 ? `:${(seq + length) >>> 0}` : ''}`);
  if (flags & 16) d.print(`, ack ${ack}`);
  d.print(`, win ${d.u16(at + 14)}`);
  if (flags & 32) d.print(`, urg ${d.u16(at + 18)}`);
  if (head > 20 && !printOptions(d, at + 20, head - 20, talk?.c ?? null)) return;
  d.print(`, length ${length}`);
  if (length > 0) printPayload(d, at, at + head, length, flags);
}

function printOptions(d: Dissector, start: number, length: number, talk: Conversation | null): boolean {
  d.print(', options [');
  let at = start;
  let left = length;
  let sep = '';
  while (left > 0) {
    d.print(sep);
    sep = ',';
    const kind = d.u8(at);
    const size = kind < 2 ? 1 : d.u8(at + 1);
    if (kind >= 2 && (size < 2 || size > left)) {
      d.print('[bad opt]');
      return false;
    }
    d.print(OPTIONS[kind] ?? `unknown-${kind}`);
    if (kind >= 2 && !d.has(at + 2, size - 2)) {
      if (kind === 5 || OPTIONS[kind] === undefined) d.print(kind === 5 ? ` ${(size - 2) / 8} ` : '');
      d.truncated();
      // An option cut off inside its data is closed by a bracket of another kind, once others came before it.
      if (at > start) d.print('>');
      return false;
    }
    const used = printOption(d, kind, at + 2, kind < 2 ? 0 : size - 2, talk);
    if (kind >= 2 && used + 2 !== size) d.print(`[len ${size}]`);
    if (kind === 0) break;
    const advance = kind < 2 ? 1 : used + 2;
    at += advance;
    left -= advance;
  }
  d.print(']');
  return true;
}

/** An option's data; answers how many bytes of it the option should have. */
function printOption(d: Dissector, kind: number, at: number, length: number, talk: Conversation | null): number {
  switch (kind) {
    case 0:
    case 1:
    case 4:
      return 0;
    case 2:
      d.print(` ${d.u16(at)}`);
      return 2;
    case 3:
      d.print(` ${d.u8(at)}`);
      return 1;
    case 5: {
      if (length % 8 !== 0) {
        d.print(' invalid sack');
        return length;
      }
      const base = talk ? (talk.reversed ? talk.seq : talk.ack) : 0;
      d.print(` ${length / 8} `);
      for (let i = 0; i < length; i += 8)
        d.print(`{${(d.u32(at + i) - base) >>> 0}:${(d.u32(at + i + 4) - base) >>> 0}}`);
      return length;
    }
    case 6:
    case 7:
    case 11:
    case 12:
    case 13:
      d.print(` ${d.u32(at)}`);
      return 4;
    case 8:
      d.print(` val ${d.u32(at)} ecr ${d.u32(at + 4)}`);
      return 8;
    default: {
      const bytes = [...d.slice(at, length)];
      if (length > 0) d.print(` 0x${bytes.map((ch) => ch.charCodeAt(0).toString(16).padStart(2, '0')).join('')}`);
      return length;
    }
  }
}

/** Ports whose protocols tcpdump decodes and the model does not. */
const UNDECODED = [23, 139, 323, 554, 639, 646, 1723, 2049, 6633, 6653, 8554, 10288];

function printPayload(d: Dissector, tcp: number, at: number, length: number, flags: number): undefined {
  if (flags & 4 && d.options.verbose) {
    const text = d.available(at, length).slice(0, 30);
    return d.print(` [RST${length > 30 ? '+' : ''} ${visible(text)}]`);
  }
  const ports = [d.u16(tcp), d.u16(tcp + 2)];
  const on = (...wanted: number[]) => wanted.some((port) => ports.includes(port));
  if (on(25)) return printSmtp(d, at, length);
  if (on(43)) return printWhois(d, at, length);
  if (on(179)) return printBgp(d, at, length);
  if (on(6379)) return printResp(d, at, length);
  if (on(22)) return printSsh(d, at, length);
  if (on(21)) return printFtp(d, at, length);
  if (on(80, 8080)) return printHttp(d, at, length);
  if (length > 2 && on(53)) return printDomain(d, at, length, true);
  const decoder = UNDECODED.find((port) => on(port));
  if (decoder !== undefined) d.print(`: flatnet: not modelled: decoding of TCP port ${decoder}`);
}
