/** What `ip` knows of a link kind: its arguments after `type KIND`, and its line under -d. */
import type { LinkSpec } from '../../../linux/link/ops.ts';
import type { Link } from '../../../linux/types.ts';
import { type Args, Exit, type Printer } from '../../../text/iproute.ts';
import type { Ip } from '../context.ts';

export interface LinkType {
  kind: string;
  /** Reads the words left. Throws {@link Exit} for what it does not take. */
  parse?(ip: Ip, args: Args, spec: LinkSpec): void;
  print?(ip: Ip, p: Printer, link: Link): void;
}

/** Types a link type. */
export const defineLinkType = (type: LinkType): LinkType => type;

/** The end of a parser that meets a word it does not know. */
export const unknownWord = (kind: string, word: string): Exit => new Exit(255, `${kind}: unknown command "${word}"?\n`);

/** Data of a spec, made when there is none. */
export const dataOf = (spec: LinkSpec): Record<string, unknown> => (spec.data ??= {});
