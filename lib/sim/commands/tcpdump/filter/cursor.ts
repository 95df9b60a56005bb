import type { Ip } from '../../../addr/ip.ts';
import type { Token } from './lex.ts';

/** Where the parser stands. */
export interface Cursor {
  tokens: Token[];
  at: number;
  /** Addresses of a host name the filter mentions; none when it has none. */
  addresses: (name: string) => Ip[];
  depth: number;
  /** A `vlan` came before: a second one asks for a tag inside the tag. */
  vlan: boolean;
}

/** A filter's error; the message is what tcpdump prints after its own name. Never leaves the parser. */
export class FilterError extends Error {}

export function syntax(): never {
  throw new FilterError("can't parse filter expression: syntax error");
}
