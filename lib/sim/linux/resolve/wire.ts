/**
 * DNS messages as bytes (RFC 1035, 2782, 3596, 6891, 7873), one char a byte. Names are absolute and end with a dot;
 * record data is in its presentation form (`10.0.0.1`, `0 100 80 web.`, `ns. admin. 1 7200 1800 86400 30`).
 */
import { formatIp, type Ip, parseIp4, parseIp6 } from '../../addr/ip.ts';
import type { DnsMessage, DnsRecord } from '../../packet/packet.ts';

/** Type numbers by name. */
export const DNS_TYPES: Record<string, number> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  DNSKEY: 48,
  SVCB: 64,
  HTTPS: 65,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
};

const typeNames = new Map(Object.entries(DNS_TYPES).map(([name, number]) => [number, name]));

/** RCODE names as dig prints them. */
export const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
];

/** `web` → `web.` */
export const absolute = (name: string): string => (name.endsWith('.') ? name : `${name}.`);

/** Whether a name fits DNS: labels of 1–63 bytes, 255 in all. */
export function validName(name: string): boolean {
  const text = absolute(name);
  if (text === '.') return true;
  return (
    text.length <= 254 &&
    text
      .slice(0, -1)
      .split('.')
      .every((label) => label.length > 0 && label.length <= 63)
  );
}

/** A query for one name and type. */
export const makeQuery = (id: number, name: string, type: string, more: Partial<DnsMessage> = {}): DnsMessage => ({
  id,
  response: false,
  opcode: 0,
  rd: true,
  ra: false,
  aa: false,
  tc: false,
  ad: false,
  rcode: 0,
  question: { name: absolute(name), type },
  answer: [],
  authority: [],
  additional: [],
  ...more,
});

const u8 = (n: number): string => String.fromCharCode(n & 255);
const u16 = (n: number): string => u8(n >>> 8) + u8(n);
const u32 = (n: number): string => u16(n >>> 16) + u16(n & 0xffff);

const encodeName = (name: string): string => {
  const labels = absolute(name).slice(0, -1).split('.');
  const parts = labels[0] === '' ? [] : labels;
  return `${parts.map((label) => u8(label.length) + label).join('')}\x00`;
};

function encodeData(r: DnsRecord): string {
  const words = r.data.split(' ');
  switch (r.type) {
    case 'A':
      return u32(parseIp4(r.data) ?? 0);
    case 'AAAA': {
      const ip = parseIp6(r.data) ?? 0n;
      let out = '';
      for (let i = 7n; i >= 0n; i--) out += u16(Number((ip >> (16n * i)) & 0xffffn));
      return out;
    }
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return encodeName(r.data);
    case 'MX':
      return u16(Number(words[0])) + encodeName(words[1] ?? '.');
    case 'SRV':
      return u16(Number(words[0])) + u16(Number(words[1])) + u16(Number(words[2])) + encodeName(words[3] ?? '.');
    case 'SOA':
      return (
        encodeName(words[0] ?? '.') +
        encodeName(words[1] ?? '.') +
        words
          .slice(2, 7)
          .map((w) => u32(Number(w)))
          .join('')
      );
    default:
      return (r.data.match(/"[^"]*"|\S+/g) ?? [])
        .map((part) => part.replaceAll('"', ''))
        .map((text) => u8(text.length) + text)
        .join('');
  }
}

const encodeRecord = (r: DnsRecord): string => {
  const data = encodeData(r);
  return encodeName(r.name) + u16(DNS_TYPES[r.type] ?? 0) + u16(1) + u32(r.ttl) + u16(data.length) + data;
};

const encodeOpt = (edns: NonNullable<DnsMessage['edns']>): string => {
  const cookie = edns.cookie === undefined ? '' : u16(10) + u16(edns.cookie.length / 2) + hexToBytes(edns.cookie);
  return `\x00${u16(41)}${u16(edns.size)}${u32(0)}${u16(cookie.length)}${cookie}`;
};

const hexToBytes = (hex: string): string =>
  hex.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));

/** The message's bytes. Names are not compressed, as CoreDNS leaves small answers. */
export function encodeDns(m: DnsMessage): string {
  const flags =
    (m.response ? 0x8000 : 0) |
    (m.opcode << 11) |
    (m.aa ? 0x400 : 0) |
    (m.tc ? 0x200 : 0) |
    (m.rd ? 0x100 : 0) |
    (m.ra ? 0x80 : 0) |
    (m.ad ? 0x20 : 0) |
    m.rcode;
  const counts = [1, m.answer.length, m.authority.length, m.additional.length + (m.edns ? 1 : 0)];
  const question = encodeName(m.question.name) + u16(DNS_TYPES[m.question.type] ?? 0) + u16(1);
  const records = [...m.answer, ...m.authority, ...m.additional].map(encodeRecord).join('');
  return u16(m.id) + u16(flags) + counts.map(u16).join('') + question + records + (m.edns ? encodeOpt(m.edns) : '');
}

class Reader {
  at = 0;
  bad = false;
  constructor(readonly bytes: string) {}
  uint(size: 1 | 2 | 4): number {
    if (this.at + size > this.bytes.length) this.bad = true;
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + (this.bytes.charCodeAt(this.at++) || 0);
    return value;
  }
  take(size: number): string {
    if (this.at + size > this.bytes.length) this.bad = true;
    this.at += size;
    return this.bytes.slice(this.at - size, this.at);
  }
  name(): string {
    let out = '';
    let back = -1;
    for (let jumps = 0; ; ) {
      const size = this.uint(1);
      if (this.bad || size === 0) break;
      if (size >= 0xc0) {
        const target = ((size & 63) << 8) | this.uint(1);
        if (back < 0) back = this.at;
        if (++jumps > 64) this.bad = true;
        this.at = target;
        continue;
      }
      out += `${this.take(size)}.`;
      if (out.length > 255) this.bad = true;
    }
    if (back >= 0) this.at = back;
    return out || '.';
  }
}

function decodeData(r: Reader, type: string, size: number): string {
  const end = r.at + size;
  switch (type) {
    case 'A':
      return formatIp(r.uint(4));
    case 'AAAA': {
      let ip = 0n;
      for (let i = 0; i < 8; i++) ip = (ip << 16n) | BigInt(r.uint(2));
      return formatIp(ip as Ip);
    }
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return r.name();
    case 'MX':
      return `${r.uint(2)} ${r.name()}`;
    case 'SRV':
      return `${r.uint(2)} ${r.uint(2)} ${r.uint(2)} ${r.name()}`;
    case 'SOA':
      return [r.name(), r.name(), r.uint(4), r.uint(4), r.uint(4), r.uint(4), r.uint(4)].join(' ');
    default: {
      const parts: string[] = [];
      while (r.at < end && !r.bad) parts.push(`"${r.take(r.uint(1))}"`);
      return parts.join(' ');
    }
  }
}

/** Reads a message. Null when the bytes are none. */
export function decodeDns(bytes: string): DnsMessage | null {
  const r = new Reader(bytes);
  const id = r.uint(2);
  const flags = r.uint(2);
  const [questions, ...counts] = [r.uint(2), r.uint(2), r.uint(2), r.uint(2)] as [number, number, number, number];
  if (r.bad || questions !== 1 || counts.some((n) => n > 1000)) return null;
  const question = { name: r.name(), type: typeNames.get(r.uint(2)) ?? '' };
  r.uint(2);
  const m: DnsMessage = {
    id,
    response: flags >= 0x8000,
    opcode: (flags >> 11) & 15,
    aa: (flags & 0x400) !== 0,
    tc: (flags & 0x200) !== 0,
    rd: (flags & 0x100) !== 0,
    ra: (flags & 0x80) !== 0,
    ad: (flags & 0x20) !== 0,
    rcode: flags & 15,
    question,
    answer: [],
    authority: [],
    additional: [],
  };
  const sections = [m.answer, m.authority, m.additional];
  sections.forEach((section, i) => {
    for (let n = 0; n < (counts[i] as number) && !r.bad; n++) readRecord(r, m, section);
  });
  return r.bad ? null : m;
}

function readRecord(r: Reader, m: DnsMessage, section: DnsRecord[]): void {
  const name = r.name();
  const number = r.uint(2);
  const type = typeNames.get(number) ?? `TYPE${number}`;
  const size = r.uint(2);
  const ttl = r.uint(4);
  const length = r.uint(2);
  const end = r.at + length;
  if (type === 'OPT') {
    m.edns = { size };
    if (length >= 4 && r.uint(2) === 10) {
      const cookie = r.take(r.uint(2));
      m.edns.cookie = [...cookie].map((ch) => ch.charCodeAt(0).toString(16).padStart(2, '0')).join('');
    }
  } else {
    section.push({ name, type, ttl, data: decodeData(r, type, length) });
  }
  r.at = end;
}
