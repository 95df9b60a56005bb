/** DNS as print-domain.c prints it. RFC 1035, 2782, 6891, 6762. */
import type { Dissector } from './dissector.ts';

const OPS = ['', ' inv_q', ' stat', ' op3', ' notify', ' update'];
const RESPONSES = ' FormErr ServFail NXDomain NotImp Refused YXDomain YXRRSet NXRRSet NotAuth NotZone'
  .split(' ')
  .map((w) => (w ? ` ${w}` : ''));

const TYPES: Record<number, string> = {
  1: 'A',
  2: 'NS',
  3: 'MD',
  4: 'MF',
  5: 'CNAME',
  6: 'SOA',
  7: 'MB',
  8: 'MG',
  9: 'MR',
  10: 'NULL',
  11: 'WKS',
  12: 'PTR',
  13: 'HINFO',
  14: 'MINFO',
  15: 'MX',
  16: 'TXT',
  17: 'RP',
  18: 'AFSDB',
  24: 'SIG',
  25: 'KEY',
  28: 'AAAA',
  29: 'LOC',
  33: 'SRV',
  35: 'NAPTR',
  37: 'CERT',
  39: 'DNAME',
  41: 'OPT',
  43: 'DS',
  44: 'SSHFP',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  50: 'NSEC3',
  52: 'TLSA',
  99: 'SPF',
  249: 'TKEY',
  250: 'TSIG',
  251: 'IXFR',
  252: 'AXFR',
  255: 'ANY',
};

const typeName = (type: number): string => TYPES[type] ?? `Type${type}`;
const CLASSES: Record<number, string> = { 1: 'IN', 3: 'CHAOS', 4: 'HS', 255: 'ANY' };

/** A name; answers it and where it ends. Null when it leaves the message. */
function readName(d: Dissector, start: number, base: number): { text: string; next: number } {
  let at = start;
  let next = -1;
  let text = '';
  for (let jumps = 0; ; ) {
    const size = d.u8(at);
    if (size >= 0xc0) {
      if (next < 0) next = at + 2;
      const to = d.u16(at) & 0x3fff;
      if (++jumps > 64 || base + to >= at) return { text: `${text}<BAD PTR>`, next };
      at = base + to;
      continue;
    }
    if (size === 0) return { text: text || '.', next: next < 0 ? at + 1 : next };
    text += `${printable(d.slice(at + 1, size))}.`;
    at += 1 + size;
  }
}

const printable = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, (ch) => {
    const code = ch.charCodeAt(0);
    return code >= 0x80 ? `M-${printable(String.fromCharCode(code & 0x7f))}` : `^${String.fromCharCode(code ^ 0x40)}`;
  });

/** relts_print(): `1w2d3h`. */
function duration(seconds: number): string {
  let rest = seconds;
  let out = '';
  for (const [unit, size] of [
    ['w', 604800],
    ['d', 86400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    if (rest < size) continue;
    out += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return out || '0s';
}

function question(d: Dissector, at: number, base: number, mdns: boolean): number {
  const name = readName(d, at, base);
  const kind = d.u16(name.next + 2);
  const cls = mdns ? kind & 0x7fff : kind;
  d.print(` ${typeName(d.u16(name.next))}`);
  if (mdns) d.print(kind & 0x8000 ? ' (QU)' : ' (QM)');
  if (cls !== 1) d.print(` ${CLASSES[cls] ?? `(Class ${cls})`}`);
  d.print(`? ${name.text}`);
  return name.next + 4;
}

function record(d: Dissector, at: number, base: number, mdns: boolean): number {
  const { verbose } = d.options;
  const name = readName(d, at, base);
  if (verbose) d.print(` ${name.text}`);
  const type = d.u16(name.next);
  const kind = d.u16(name.next + 2);
  const cls = mdns ? kind & 0x7fff : kind;
  const ttl = d.u32(name.next + 4);
  const length = d.u16(name.next + 8);
  if (cls !== 1 && type !== 41) d.print(` ${CLASSES[cls] ?? `(Class ${cls})`}`);
  if (mdns && kind & 0x8000) d.print(' (Cache flush)');
  if (type !== 41 && verbose > 2) d.print(` [${duration(ttl)}]`);
  d.print(` ${typeName(type)}`);
  const data = name.next + 10;
  if (type === 41) {
    d.print(` UDPsize=${kind}`);
    if (ttl & 0x8000) d.print(' DO');
    printOptions(d, data, length);
  } else printData(d, type, data, length, base);
  d.check(data, length);
  return data + length;
}

function printOptions(d: Dissector, start: number, length: number): undefined {
  const names: Record<number, string> = {
    3: 'NSID',
    8: 'ECS',
    10: 'COOKIE',
    11: 'KEEPALIVE',
    12: 'PADDING',
    15: 'EDE',
  };
  if (length === 0) return;
  const items: string[] = [];
  for (let at = start; at + 4 <= start + length; ) {
    const code = d.u16(at);
    const size = d.u16(at + 2);
    const hex = [...d.slice(at + 4, size)].map((ch) => ch.charCodeAt(0).toString(16).padStart(2, '0')).join('');
    items.push(`${names[code] ?? `Opt${code}`}${hex && code !== 12 ? ` ${hex}` : ''}`);
    at += 4 + size;
  }
  d.print(` [${items.join(',')}]`);
}

function printData(d: Dissector, type: number, at: number, length: number, base: number): undefined {
  const name = (from: number) => readName(d, from, base);
  switch (type) {
    case 1:
      return d.print(` ${d.addr4(at)}`);
    case 28:
      return d.print(` ${d.addr6(at)}`);
    case 2:
    case 5:
    case 12:
    case 39:
      return d.print(` ${name(at).text}`);
    case 6: {
      if (!d.options.verbose) return;
      const first = name(at);
      const second = name(first.next);
      d.print(` ${first.text} ${second.text}`);
      for (let i = 0; i < 5; i++) d.print(` ${d.u32(second.next + 4 * i)}`);
      return;
    }
    case 15:
      return d.print(` ${name(at + 2).text} ${d.u16(at)}`);
    case 16:
    case 99:
      for (let from = at; from < at + length; from += 1 + d.u8(from))
        d.print(` "${printable(d.slice(from + 1, d.u8(from)))}"`);
      return;
    case 33:
      return d.print(` ${name(at + 6).text}:${d.u16(at + 4)} ${d.u16(at)} ${d.u16(at + 2)}`);
  }
}

/** A message of `length` bytes at `at`; over TCP two bytes of length stand before it. */
export function printDomain(d: Dissector, start: number, total: number, overTcp: boolean, mdns = false): undefined {
  d.protocol = 'domain';
  let base = start;
  let length = total;
  if (overTcp) {
    const told = d.u16(start);
    base += 2;
    length -= 2;
    if (told !== length) {
      d.print(` [prefix length(${told}) != length(${length})]`);
      return d.invalid();
    }
    d.print(' ');
  }
  if (length < 12) {
    d.print(`domain [length ${length} < 12]`);
    return d.invalid();
  }
  const flags = d.u16(base + 2);
  const count = [0, 1, 2, 3].map((i) => d.u16(base + 4 + 2 * i)) as [number, number, number, number];
  d.print(`${d.u16(base)}${OPS[(flags >> 11) & 15] ?? ` op${(flags >> 11) & 15}`}`);
  if (flags & 0x8000) response(d, base, flags, count, mdns);
  else query(d, base, flags, count, mdns);
  d.print(` (${length})`);
}

type Counts = [number, number, number, number];

/** Records of one section, commas between them. */
function section(d: Dissector, name: string, count: number, at: number, base: number, mdns: boolean): number {
  let next = at;
  if (count > 0) d.print(name);
  for (let i = 0; i < count; i++) {
    next = record(d, next, base, mdns);
    if (i < count - 1) d.print(',');
  }
  return next;
}

function response(d: Dissector, base: number, flags: number, [qd, an, ns, ar]: Counts, mdns: boolean): undefined {
  const { verbose } = d.options;
  d.print(RESPONSES[flags & 15] ?? ` Resp${flags & 15}`);
  d.print(`${flags & 0x400 ? '*' : ''}${flags & 0x80 ? '' : '-'}${flags & 0x200 ? '|' : ''}${flags & 0x20 ? '$' : ''}`);
  if (qd !== 1) d.print(` [${qd}q]`);
  let at = base + 12;
  for (let i = 0; i < qd; i++) {
    if (i) d.print(',');
    if (verbose > 1) {
      d.print(' q:');
      at = question(d, at, base, mdns);
    } else at = readName(d, at, base).next + 4;
  }
  d.print(` ${an}/${ns}/${ar}`);
  at = section(d, '', an, at, base, mdns);
  if (verbose <= 1) return;
  at = section(d, ' ns:', ns, at, base, mdns);
  section(d, ' ar:', ar, at, base, mdns);
}

function query(d: Dissector, base: number, flags: number, [qd, an, ns, ar]: Counts, mdns: boolean): undefined {
  const { verbose } = d.options;
  d.print(`${flags & 0x100 ? '+' : ''}${flags & 0x10 ? '%' : ''}`);
  if (flags & 0x6cf) d.print(` [b2&3=0x${flags.toString(16)}]`);
  if (qd !== 1) d.print(` [${qd}q]`);
  if (an) d.print(` [${an}a]`);
  if (ns) d.print(` [${ns}n]`);
  if (ar) d.print(` [${ar}au]`);
  let at = base + 12;
  for (let i = 0; i < qd; i++) {
    if (i) d.print(',');
    at = question(d, at, base, mdns);
  }
  if (verbose <= 1) return;
  at = section(d, ' an:', an, at, base, mdns);
  at = section(d, ' ns:', ns, at, base, mdns);
  section(d, ' ar:', ar, at, base, mdns);
}
