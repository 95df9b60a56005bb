/** DNS as print-domain.c prints it. */

import { DNS_TYPES } from '../../../linux/resolve/wire.ts';
import type { DnsMessage, DnsRecord } from '../../../packet/packet.ts';
import type { PrintContext } from './context.ts';

const OPS = ['', ' inv_q', ' stat', ' op3', ' notify', ' update'];
const RESPONSES = [
  '',
  ' FormErr',
  ' ServFail',
  ' NXDomain',
  ' NotImp',
  ' Refused',
  ' YXDomain',
  ' YXRRSet',
  ' NXRRSet',
  ' NotAuth',
  ' NotZone',
];

function rdata(c: PrintContext, r: DnsRecord): string {
  const words = r.data.split(' ');
  switch (r.type) {
    case 'SRV':
      return ` ${words[3]}:${words[2]} ${words[0]} ${words[1]}`;
    case 'MX':
      return ` ${words[1]} ${words[0]}`;
    case 'SOA':
      return c.options.verbose ? ` ${r.data}` : '';
    default:
      return ` ${r.data}`;
  }
}

const duration = (seconds: number): string => {
  const units: [string, number][] = [
    ['w', 604800],
    ['d', 86400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ];
  let rest = seconds;
  let out = '';
  for (const [unit, size] of units) {
    if (rest < size) continue;
    out += `${Math.floor(rest / size)}${unit}`;
    rest %= size;
  }
  return out || '0s';
};

function printRecord(c: PrintContext, r: DnsRecord): string {
  const name = c.options.verbose ? ` ${r.name}` : '';
  const ttl = c.options.verbose > 2 ? ` [${duration(r.ttl)}]` : '';
  return `${name}${ttl} ${r.type}${rdata(c, r)}`;
}

function optRecord(m: DnsMessage): string[] {
  if (!m.edns) return [];
  return [` . OPT UDPsize=${m.edns.size}${m.edns.cookie ? ` [COOKIE ${m.edns.cookie}]` : ''}`];
}

const additional = (c: PrintContext, m: DnsMessage): string => {
  const records = [...m.additional.map((r) => printRecord(c, r)), ...optRecord(m)];
  return c.options.verbose > 1 && records.length ? ` ar:${records.join(',')}` : '';
};

/** Types that this tcpdump has no name for. */
const typeName = (type: string): string => (['HTTPS', 'SVCB', 'CAA'].includes(type) ? `Type${DNS_TYPES[type]}` : type);

/** A message; `length` is its size in bytes. */
export function printDns(c: PrintContext, m: DnsMessage, length: number): string {
  const extra = m.additional.length + (m.edns ? 1 : 0);
  const op = OPS[m.opcode] ?? ` op${m.opcode}`;
  const question = `${typeName(m.question.type)}? ${m.question.name}`;
  if (!m.response) {
    const counts = [
      m.answer.length && ` [${m.answer.length}a]`,
      m.authority.length && ` [${m.authority.length}n]`,
      extra && ` [${extra}au]`,
    ];
    return `${m.id}${op}${m.rd ? '+' : ''}${counts.filter(Boolean).join('')} ${question}${additional(c, m)} (${length})`;
  }
  const code = RESPONSES[m.rcode] ?? ` Resp${m.rcode}`;
  let out = `${m.id}${op}${code}${m.aa ? '*' : ''}${m.ra ? '' : '-'}${m.tc ? '|' : ''}${m.ad ? '$' : ''}`;
  if (c.options.verbose > 1) out += ` q: ${question}`;
  out += ` ${m.answer.length}/${m.authority.length}/${extra}`;
  out += m.answer.map((r) => printRecord(c, r)).join(',');
  if (c.options.verbose > 1) {
    if (m.authority.length) out += ` ns:${m.authority.map((r) => printRecord(c, r)).join(',')}`;
  }
  out += additional(c, m);
  return `${out} (${length})`;
}
