/** Port ranges of the tcp, udp and sctp matches: `--sport 1024:65535`. */
import { fail } from '../ext.ts';
import { parsePort, portText, resolvePort } from '../values.ts';

export interface PortRange {
  min: number;
  max: number;
  not: boolean;
}

/** `PORT` or `[MIN]:[MAX]`. The range that covers everything is kept: it matches every port. */
export function parsePortRange(text: string, proto: number, not: boolean): PortRange {
  const range = parseRange(text, (port) => parsePort(port, proto), not);
  if (range.min > range.max) fail('invalid portrange (min > max)');
  return range;
}

/** The same for udp and dccp, whose parser is newer and checks less. */
export const resolvePortRange = (text: string, not: boolean): PortRange => parseRange(text, resolvePort, not);

function parseRange(text: string, port: (text: string) => number, not: boolean): PortRange {
  const colon = text.indexOf(':');
  if (colon < 0) {
    const one = port(text);
    return { min: one, max: one, not };
  }
  const low = text.slice(0, colon);
  const high = text.slice(colon + 1);
  const min = low === '' ? 0 : port(low);
  const max = high === '' ? 65535 : port(high);
  // The nftables back end stores "not 0:N" as "N+1 and above".
  if (not && min === 0 && max < 65535) return { min: max + 1, max: 65535, not: false };
  return { min, max, not };
}

const isAll = (r: PortRange): boolean => r.min === 0 && r.max === 65535 && !r.not;

/** ` --sport 80` as iptables-save prints it, or nothing. */
export function portsSave(option: string, r: PortRange | null): string {
  if (!r || isAll(r)) return '';
  return `${r.not ? ' !' : ''} --${option} ${r.min === r.max ? r.min : `${r.min}:${r.max}`}`;
}

/** ` dpt:80` or ` dpts:80:90` as iptables -L prints it; `word` is `sp` or `dp`. */
export function portsList(word: string, r: PortRange | null, proto: number, numeric: boolean): string {
  if (!r || isAll(r)) return '';
  const not = r.not ? '!' : '';
  if (r.min === r.max) return ` ${word}t:${not}${portText(r.min, proto, numeric)}`;
  return ` ${word}ts:${not}${portText(r.min, proto, numeric)}:${portText(r.max, proto, numeric)}`;
}

/** Whether a port fits; no range fits all. */
export const inPorts = (r: PortRange | null, port: number): boolean => !r || (port >= r.min && port <= r.max) !== r.not;
