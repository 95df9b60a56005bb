/** What `ip` knows of a link kind: its arguments after `type KIND`, and its line under -d. */
import type { LinkSpec } from '../../../linux/link/ops.ts';
import type { Link } from '../../../linux/types.ts';
import { type Args, Exit, matches, type Printer } from '../../../text/iproute.ts';
import type { Ip } from '../context.ts';
import { KIND_USAGE } from './usage.ts';

export interface LinkType {
  kind: string;
  /** The kind's name in IFLA_INFO_KIND, where the model has a finer one. */
  shownAs?: string;
  /** Reads the words left; `old` is the link that `set` changes. Throws {@link Exit} for what it does not take. */
  parse?(ip: Ip, args: Args, spec: LinkSpec, old?: Link): void;
  print?(ip: Ip, p: Printer, link: Link): void;
}

/** Types a link type. */
export const defineLinkType = (type: LinkType): LinkType => type;

/** Kinds whose parser calls such a word an option. */
const SAYS_OPTION = new Set(['macvlan', 'ipvlan', 'bridge_slave', 'vrf']);

/** Kinds whose parser answers such a word with its usage alone. */
const ONLY_USAGE = new Set(['ipip', 'gre', 'gretap', 'erspan']);

/** The end of a parser that meets a word it does not know. */
export function unknownWord(kind: string, word: string): Exit {
  const usage = KIND_USAGE[kind] ?? '';
  if (matches(word, 'help') || ONLY_USAGE.has(kind)) return new Exit(1, usage);
  const what = SAYS_OPTION.has(kind) ? 'option' : 'command';
  return new Exit(1, `${kind}: unknown ${what} "${word}"?\n${usage}`);
}

/** Data of a spec, made when there is none. */
export const dataOf = (spec: LinkSpec): Record<string, unknown> => (spec.data ??= {});
