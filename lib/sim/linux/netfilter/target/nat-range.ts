/** `ADDR[-ADDR][:PORT[-PORT[/BASE]]]` and port ranges, as the NAT targets take and print them. */
import { formatIp, type Ip, parseIp } from '../../../addr/ip.ts';
import type { NatRange } from '../../conntrack/nat.ts';
import { fail } from '../ext.ts';
import { portByName } from '../services.ts';
import type { RuleHead } from '../types.ts';
import { scanUint } from '../values.ts';

/** ICMP's id counts as a port. */
const PORT_PROTOCOLS = [1, 6, 17, 132, 33];

/** A service's port of any protocol. */
const service = (name: string): number => {
  const port = portByName(name, 6) ?? portByName(name, 17) ?? portByName(name, 132);
  if (port === null) fail(`Port \`${name}' not valid`);
  return port;
};

const number = (text: string, min = 0): { value: number; rest: string } | null => {
  const read = scanUint(text);
  return read && read.value >= min && read.value <= 65535 ? read : null;
};

/** `PORT[-PORT[/BASE]]`; the protocol that stands before it must have ports. */
export function parsePorts(text: string, range: NatRange, head: RuleHead): void {
  if (!head.proto || !PORT_PROTOCOLS.includes(head.proto.number))
    fail('Need TCP, UDP, SCTP or DCCP with port specification');
  const low = number(text) ?? { value: service(text), rest: '' };
  range.minPort = range.maxPort = low.value;
  if (low.rest === '') return;
  if (low.rest[0] === ':') fail('Invalid port:port syntax - use dash');
  if (low.rest[0] !== '-') fail(`Garbage after port value: \`${low.rest}'`);
  const upper = low.rest.slice(1);
  const high = number(upper);
  if (!high) fail(`Port \`${upper}' not valid`);
  if (high.value < low.value) fail(`Port range \`${upper}' funky`);
  range.maxPort = high.value;
  if (high.rest === '') return;
  if (high.rest[0] !== '/') fail(`Garbage after port range: \`${high.rest}'`);
  const base = high.rest.slice(1);
  range.basePort = number(base, 1)?.value ?? service(base);
}

/** Parses the value of --to-destination and --to-source. */
export function parseTo(text: string, range: NatRange, family: 'ip' | 'ip6', head: RuleHead): void {
  const open = text.indexOf('[');
  let addresses = text;
  let colon = -1;
  if (open < 0) {
    colon = text.indexOf(':');
    // A second colon means an IPv6 address: the whole text is the address.
    if (colon >= 0 && text.includes(':', colon + 1)) colon = -1;
    if (colon >= 0) addresses = text.slice(0, colon);
  } else {
    const close = text.indexOf(']', open);
    if (close < 0 || family === 'ip') fail('Invalid address format');
    addresses = text.slice(open + 1, close);
    colon = text.indexOf(':', close + 1);
  }
  if (colon >= 0) {
    parsePorts(text.slice(colon + 1), range, head);
    if (colon === 0 || colon === 2) return;
  }
  const dash = addresses.indexOf('-');
  const address = (t: string): Ip => {
    const ip = parseIp(t);
    if (ip === null || (typeof ip === 'bigint') !== (family === 'ip6')) fail(`Bad IP address "${t}"`);
    return ip;
  };
  range.minIp = address(dash < 0 ? addresses : addresses.slice(0, dash));
  range.maxIp = dash < 0 ? range.minIp : address(addresses.slice(dash + 1));
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
    text = range.minIp === range.maxIp ? formatIp(range.minIp) : `${formatIp(range.minIp)}-${formatIp(range.maxIp)}`;
    if (typeof range.minIp === 'bigint' && range.minPort !== null) text = `[${text}]`;
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
