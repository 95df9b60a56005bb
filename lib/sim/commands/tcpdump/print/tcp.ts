/** TCP as print-tcp.c prints it. */
import type { Ip } from '../../../addr/ip.ts';
import { decodeDns } from '../../../linux/resolve/wire.ts';
import { transportSum } from '../../../packet/bytes.ts';
import type { Packet, TcpHeader } from '../../../packet/packet.ts';
import { hex4, type PrintContext } from './context.ts';
import { printDns } from './dns.ts';

const flagLetters = (t: TcpHeader): string =>
  (t.fin ? 'F' : '') + (t.syn ? 'S' : '') + (t.rst ? 'R' : '') + (t.psh ? 'P' : '') + (t.ackFlag ? '.' : '') || 'none';

function optionList(t: TcpHeader): string {
  const list: string[] = [];
  if (t.mss !== undefined) list.push(`mss ${t.mss}`);
  if (t.sackOk) list.push(...(t.ts ? [] : ['nop', 'nop']), 'sackOK');
  if (t.ts) list.push(...(t.sackOk ? [] : ['nop', 'nop']), `TS val ${t.ts.val} ecr ${t.ts.ecr}`);
  if (t.wscale !== undefined) list.push('nop', `wscale ${t.wscale}`);
  return list.join(',');
}

/** Sequence numbers relative to the conversation's first ones, once an ACK has shown them. */
function relative(c: PrintContext, t: TcpHeader, src: Ip, dst: Ip): { seq: number; ack: number } {
  if (c.options.absolute || !t.ackFlag) return { seq: t.seq, ack: t.ack };
  const reversed = t.sport > t.dport || (t.sport === t.dport && src >= dst);
  const key = reversed ? `${dst} ${src} ${t.dport} ${t.sport}` : `${src} ${dst} ${t.sport} ${t.dport}`;
  const known = c.conversations.get(key);
  if (!known || t.syn) {
    const first = { seq: t.seq, ack: (t.ack - 1) >>> 0 };
    c.conversations.set(key, reversed ? { seq: first.ack, ack: first.seq } : first);
    return { seq: t.seq, ack: t.ack };
  }
  const mine = reversed ? { seq: known.ack, ack: known.seq } : known;
  return { seq: (t.seq - mine.seq) >>> 0, ack: (t.ack - mine.ack) >>> 0 };
}

const HTTP_PORTS = [80, 8080, 3128];

/** Everything after `A > B: `. */
export function printTcp(c: PrintContext, p: Packet, t: TcpHeader): string {
  const { verbose } = c.options;
  const length = p.data.length;
  if (c.options.quiet) return `tcp ${length}`;
  const { seq, ack } = relative(c, t, p.ip!.src, p.ip!.dst);
  let out = `Flags [${flagLetters(t)}]`;
  if (verbose && !c.options.noChecksum) {
    const sum = transportSum(p);
    out += `, cksum ${hex4(sum.there)} ${sum.there === sum.right ? '(correct)' : `(incorrect -> ${hex4(sum.right)})`}`;
  }
  if (verbose > 1 || length > 0 || t.syn || t.fin || t.rst)
    out += `, seq ${seq}${length > 0 ? `:${(seq + length) >>> 0}` : ''}`;
  if (t.ackFlag) out += `, ack ${ack}`;
  out += `, win ${t.win}`;
  const options = optionList(t);
  if (options) out += `, options [${options}]`;
  out += `, length ${length}`;
  return length > 0 ? out + payload(c, p, t) : out;
}

function payload(c: PrintContext, p: Packet, t: TcpHeader): string {
  const on = (port: number) => t.sport === port || t.dport === port;
  if (t.rst) return c.options.verbose ? ` [RST${p.data.length > 0 ? `+ ${printable(p.data)}` : ''}]` : '';
  if (HTTP_PORTS.some(on)) return textProtocol(c, p.data, 'HTTP', isHttp);
  if (on(25)) return textProtocol(c, p.data, 'SMTP', () => true);
  if (on(21)) return textProtocol(c, p.data, 'FTP', () => true);
  if (on(43)) return textProtocol(c, p.data, 'WHOIS', () => true);
  if (on(179) && !c.options.verbose) return ': BGP';
  if (on(53)) {
    const told = (p.data.charCodeAt(0) << 8) | p.data.charCodeAt(1);
    if (told !== p.data.length - 2) return ` [prefix length(${told}) != length(${p.data.length - 2})] (invalid)`;
    const message = decodeDns(p.data.slice(2));
    return message ? ` ${printDns(c, message, p.data.length - 2)}` : '';
  }
  const decoder = UNDECODED.find(on);
  if (decoder !== undefined) return `: flatnet: not modelled: decoding of TCP port ${decoder}`;
  return '';
}

/** Ports whose protocols tcpdump decodes and the model does not. */
const UNDECODED = [179, 23, 323, 554, 639, 1723, 6379, 6633, 6653, 8554, 10288];

const printable = (data: string): string => data.replace(/[^\x20-\x7e]/g, '.').slice(0, 80);

const HTTP_START =
  /^(?:GET|PUT|COPY|HEAD|LOCK|MOVE|POLL|POST|BCOPY|BMOVE|MKCOL|TRACE|LABEL|MERGE|DELETE|SEARCH|UNLOCK|REPORT|UPDATE|NOTIFY|BDELETE|CONNECT|OPTIONS|CHECKIN|PROPFIND|CHECKOUT|CCM_POST|SUBSCRIBE|PROPPATCH|BPROPFIND|BPROPPATCH|UNCHECKOUT|MKACTIVITY|MKWORKSPACE|UNSUBSCRIBE|RPC_CONNECT|VERSION-CONTROL|BASELINE-CONTROL)[ \r\n]|^HTTP\/[\d.]+ \d{3}[ \r\n]/;
const isHttp = (data: string): boolean => HTTP_START.test(data);

/** txtproto_print: the first line, or with -v every line of the head indented. */
function textProtocol(c: PrintContext, data: string, name: string, starts: (data: string) => boolean): string {
  if (!starts(data)) return `: ${name}`;
  if (!c.options.verbose) {
    const line = /^[^\r\n]*/.exec(data)![0];
    return `: ${name}: ${visible(line)}`;
  }
  let out = `: ${name}, length: ${data.length}`;
  for (const line of headLines(data)) out += `\n\t${visible(line)}`;
  return out;
}

/** Lines as txtproto_print takes them: it stops at a line with bytes that are no text. */
function headLines(data: string): string[] {
  const lines: string[] = [];
  for (const line of data.replace(/\r?\n$/, '').split(/\r?\n/)) {
    if (/[^\x20-\x7e\t]/.test(line)) break;
    lines.push(line);
  }
  return lines;
}

const visible = (line: string): string =>
  line.replace(/[^\t\x20-\x7e]/g, (ch) => {
    const code = ch.charCodeAt(0);
    if (code >= 0x80) return `M-${visible(String.fromCharCode(code & 0x7f))}`;
    return `^${String.fromCharCode(code ^ 0x40)}`;
  });
