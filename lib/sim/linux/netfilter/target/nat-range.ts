/** `ADDR[-ADDR][:PORT[-PORT[/BASE]]]` and port ranges, as the NAT targets take and print them. */
import { formatIp, type Ip, parseIp } from '../../../addr/ip.ts';
import type { NatRange } from '../../conntrack/nat.ts';
import { fail } from '../ext.ts';
import { portByName } from '../services.ts';
import type { RuleHead } from '../types.ts';
import { parseUint } from '../values.ts';

/** ICMP's id counts as a port. */
const PORT_PROTOCOLS = [1, 6, 17, 132, 33];

/** Ends the command when ports are asked for without a protocol that has them. */
export function needPortProtocol(head: RuleHead): void {
  if (!head.proto || !PORT_PROTOCOLS.includes(head.proto.number)) {
    fail('Need TCP, UDP, SCTP or DCCP with port specification');
  }
}

const port = (text: string, min = 1): number | null => {
  const value = parseUint(text, 65535) ?? portByName(text, 6);
  return value !== null && value >= min ? value : null;
};

/** `PORT[-PORT[/BASE]]`; `base` says whether a base port may follow. */
export function parsePorts(text: string, range: NatRange, base: boolean): void {
  const [span = '', shift] = base ? text.split('/') : [text];
  const dash = span.indexOf('-');
  const low = port(dash < 0 ? span : span.slice(0, dash));
  if (low === null) fail(`Port \`${text}' not valid`);
  range.minPort = low;
  range.maxPort = low;
  if (dash >= 0) {
    const high = port(span.slice(dash + 1));
    if (high === null) fail(`Port \`${span.slice(dash + 1)}' not valid`);
    if (high < low) fail(`Port range \`${span.slice(dash + 1)}' funky`);
    range.maxPort = high;
  }
  if (shift === undefined) return;
  const value = port(shift);
  if (value === null) fail(`Port \`${shift}' not valid`);
  range.basePort = value;
}

/** Parses the value of --to-destination and --to-source. Sets whether ports were given. */
export function parseTo(text: string, range: NatRange, family: 'ip' | 'ip6', base: boolean): void {
  let rest = text;
  let ports: string | null = null;
  if (family === 'ip6') {
    const close = text.indexOf(']');
    if (text.startsWith('[')) {
      if (close < 0) fail('Invalid address format');
      rest = text.slice(1, close);
      const tail = text.slice(close + 1);
      if (tail.startsWith(':')) ports = tail.slice(1);
      else if (tail.startsWith('-[')) rest += `-${tail.slice(2).replace(/\].*$/, '')}`;
    }
  } else {
    const colon = text.indexOf(':');
    // A second colon means an IPv6 address: the whole text is the address, and wrong.
    if (colon >= 0 && !text.slice(colon + 1).includes(':')) {
      rest = text.slice(0, colon);
      ports = text.slice(colon + 1);
    }
  }
  if (ports !== null) parsePorts(ports, range, base);
  if (rest === '' && ports !== null) return;
  const dash = rest.indexOf('-');
  const address = (t: string): Ip => {
    const ip = parseIp(t);
    if (ip === null || (typeof ip === 'bigint') !== (family === 'ip6')) fail(`Bad IP address "${t}"`);
    return ip;
  };
  range.minIp = address(dash < 0 ? rest : rest.slice(0, dash));
  range.maxIp = dash < 0 ? range.minIp : address(rest.slice(dash + 1));
}

/** `8080` or `8080-8090[/BASE]`. */
export function portsText(range: NatRange): string {
  if (range.minPort === null || range.maxPort === null) return '';
  const span = range.minPort === range.maxPort ? `${range.minPort}` : `${range.minPort}-${range.maxPort}`;
  return range.basePort === null ? span : `${span}/${range.basePort}`;
}

/** The whole `--to-destination` value. */
export function toText(range: NatRange): string {
  let text = '';
  if (range.minIp !== null && range.maxIp !== null) {
    const wrap = typeof range.minIp === 'bigint' && range.minPort !== null;
    const show = (ip: Ip) => (wrap ? `[${formatIp(ip)}]` : formatIp(ip));
    text = range.minIp === range.maxIp ? show(range.minIp) : `${show(range.minIp)}-${show(range.maxIp)}`;
  }
  return range.minPort === null ? text : `${text}:${portsText(range)}`;
}

export const emptyRange = (): NatRange => ({
  minIp: null,
  maxIp: null,
  minPort: null,
  maxPort: null,
  basePort: null,
  random: false,
  fully: false,
  persistent: false,
});
