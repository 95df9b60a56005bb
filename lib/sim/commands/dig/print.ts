/** A reply as dig prints it: printmessage() of bin/dig/dig.c. */
import { formatIp } from '../../addr/ip.ts';
import type { Answer } from '../../linux/resolve/ask.ts';
import { questionLine, recordLine } from '../../linux/resolve/master.ts';
import { RCODES } from '../../linux/resolve/wire.ts';
import type { DnsMessage, DnsRecord } from '../../packet/packet.ts';
import type { Lookup } from './options.ts';

const flagWords = (m: DnsMessage): string =>
  ['qr', m.aa && 'aa', m.tc && 'tc', m.rd && 'rd', m.ra && 'ra', m.ad && 'ad']
    .filter(Boolean)
    .map((word) => ` ${word}`)
    .join('');

/** Header comment lines, also used by `host -v`. */
export function headerLines(m: DnsMessage): string {
  const status = RCODES[m.rcode] ?? `RESERVED${m.rcode}`;
  const extra = m.additional.length + (m.edns ? 1 : 0);
  return (
    `;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: ${m.id}\n` +
    `;; flags:${flagWords(m)}; QUERY: 1, ANSWER: ${m.answer.length}, AUTHORITY: ${m.authority.length}, ADDITIONAL: ${extra}\n`
  );
}

const isLocal = (name: string): boolean => /(?:^|\.)local\.$/i.test(name);

function opening(m: DnsMessage): string {
  let out = ';; Got answer:\n';
  if (isLocal(m.question.name)) {
    out +=
      ';; WARNING: .local is reserved for Multicast DNS\n;; You are currently testing what happens when an mDNS query is leaked to DNS\n';
  }
  out += headerLines(m);
  if (m.rd && !m.ra) out += ';; WARNING: recursion requested but not available\n';
  return `${out}\n`;
}

function optSection(m: DnsMessage, cookie: string): string {
  if (!m.edns) return '';
  const echo =
    m.edns.cookie === undefined
      ? ''
      : `; COOKIE: ${m.edns.cookie}${m.edns.cookie === cookie ? ' (echoed)' : ' (good)'}\n`;
  return `;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: ${m.edns.size}\n${echo}`;
}

function section(l: Lookup, title: string, records: readonly DnsRecord[]): string {
  if (records.length === 0) return '';
  const lines = records.map((r) => `${recordLine(r, l.ttl)}\n`).join('');
  return l.comments ? `;; ${title} SECTION:\n${lines}\n` : lines;
}

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Tue Nov 24 11:08:02 UTC 2026`. `unix` in seconds. */
export function dateText(unix: number): string {
  const days = Math.floor(unix / 86400);
  const date = new Date(unix * 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = `${two(Math.floor(unix / 3600) % 24)}:${two(Math.floor(unix / 60) % 60)}:${two(Math.floor(unix) % 60)}`;
  return `${DAYS[days % 7]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())} ${clock} UTC ${date.getUTCFullYear()}`;
}

/** The whole reply. `unix` is the time now, in seconds. */
export function printReply(l: Lookup, answer: Extract<Answer, { ok: true }>, unix: number, cookie: string): string {
  const m = answer.message;
  if (l.short) {
    const tail = l.identify ? ` from server ${formatIp(answer.server)} in ${Math.floor(answer.us / 1000)} ms.` : '';
    return m.answer.map((r) => `${r.data}${tail}\n`).join('');
  }
  let out = l.comments ? opening(m) + optSection(m, cookie) : '';
  if (l.question) {
    if (l.comments) out += ';; QUESTION SECTION:\n';
    out += `${questionLine(m.question.name, m.question.type)}\n${l.comments ? '\n' : ''}`;
  }
  if (l.answer) out += section(l, 'ANSWER', m.answer);
  if (l.authority) out += section(l, 'AUTHORITY', m.authority);
  if (l.additional) out += section(l, 'ADDITIONAL', m.additional);
  if (l.stats) {
    const time = l.usec ? `${answer.us} usec` : `${Math.floor(answer.us / 1000)} msec`;
    const server = formatIp(answer.server);
    out += `;; Query time: ${time}\n;; SERVER: ${server}#${l.port}(${l.server || server}) (${answer.tcp ? 'TCP' : 'UDP'})\n`;
    out += `;; WHEN: ${dateText(unix)}\n;; MSG SIZE  rcvd: ${answer.size}\n\n`;
  }
  return out;
}
