import type { Ip } from '../../../addr/ip.ts';
import type { LinkType } from './frame.ts';
import type { Token } from './lex.ts';

/** Where the parser stands. */
export interface Cursor {
  tokens: Token[];
  at: number;
  /** Addresses of a host name the filter mentions; none when it has none. */
  addresses: (name: string) => Ip[];
  depth: number;
  /** How often `vlan` came so far: each moves what follows past one more tag. */
  tags: number;
  link: LinkType;
  /** A capture, not a file: packets have directions and interfaces. */
  live: boolean;
  /** Netmask of the interface, for `ip broadcast`. */
  netmask: number;
}

/** A filter's error; the message is what tcpdump prints after its own name. Never leaves the parser. */
export class FilterError extends Error {}

export function syntax(): never {
  throw new FilterError("can't parse filter expression: syntax error");
}
