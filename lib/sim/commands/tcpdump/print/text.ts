/** Line protocols over TCP: print-http.c, print-smtp.c, print-ftp.c, print-ssh.c and txtproto_print() of util-print.c. */
import type { Dissector } from './dissector.ts';

const HTTP_START =
  /^(?:GET|PUT|COPY|HEAD|LOCK|MOVE|POLL|POST|BCOPY|BMOVE|MKCOL|TRACE|LABEL|MERGE|DELETE|SEARCH|UNLOCK|REPORT|UPDATE|NOTIFY|BDELETE|CONNECT|OPTIONS|CHECKIN|PROPFIND|CHECKOUT|CCM_POST|SUBSCRIBE|PROPPATCH|BPROPFIND|BPROPPATCH|UNCHECKOUT|MKACTIVITY|MKWORKSPACE|UNSUBSCRIBE|RPC_CONNECT|VERSION-CONTROL|BASELINE-CONTROL)[ \r\n]|^HTTP\/[\d.]+ \d{3}[ \r\n]/;

/** Whether the first word, or the second, is one of those a protocol starts with (or a status of three digits). */
export const printHttp = (d: Dissector, at: number, length: number): undefined =>
  textProtocol(d, at, length, 'HTTP', (data) => HTTP_START.test(data));

export const printSmtp = (d: Dissector, at: number, length: number): undefined =>
  textProtocol(d, at, length, 'SMTP', () => true);
export const printWhois = (d: Dissector, at: number, length: number): undefined =>
  textProtocol(d, at, length, 'WHOIS', () => true);
export const printFtp = (d: Dissector, at: number, length: number): undefined =>
  textProtocol(d, at, length, 'FTP', () => true);

/** The first line, or with -v every line of the head indented. */
function textProtocol(
  d: Dissector,
  at: number,
  length: number,
  name: string,
  starts: (data: string) => boolean,
): undefined {
  d.protocol = name.toLowerCase();
  const data = d.available(at, length);
  d.print(`: ${name}`);
  if (!starts(data)) return;
  const whole = /\n/.test(data) || data.length === length;
  if (!d.options.verbose) {
    if (!whole) return d.truncated();
    d.print(`: ${visible(/^[^\r\n]*/.exec(data)![0])}`);
    return;
  }
  d.print(`, length: ${length}`);
  if (!whole) return d.truncated();
  for (const line of headLines(data)) d.print(`\n\t${visible(line)}`);
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

/** Control characters as `^X`, those above ASCII with `M-` before them. */
export const visible = (line: string): string =>
  line.replace(/[^\t\x20-\x7e]/g, (ch) => {
    const code = ch.charCodeAt(0);
    if (code >= 0x80) return `M-${visible(String.fromCharCode(code & 0x7f))}`;
    return `^${String.fromCharCode(code ^ 0x40)}`;
  });

/** The version lines that open a connection; nothing of what is encrypted. */
export function printSsh(d: Dissector, at: number, length: number): undefined {
  d.protocol = 'ssh';
  const data = d.available(at, length);
  const line = /^([\x20-\x7e]*)(\r?\n|$)/.exec(data);
  if (line?.[2] && line[1]) d.print(`: SSH: ${line[1]}`);
}

/** Redis. Only the fact that it is RESP is modelled, for what begins no RESP value. */
export function printResp(d: Dissector, _at: number, _length: number): undefined {
  d.print(': flatnet: not modelled: decoding of TCP port 6379');
}
