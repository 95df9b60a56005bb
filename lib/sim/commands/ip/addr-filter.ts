/** What `ip addr show` and `flush` select by. */
import type { Prefix } from '../../addr/ip.ts';

export interface AddressFilter {
  family: 0 | 4 | 6;
  /** Virtual time: what has lived too long is deprecated. */
  now: number;
  dev?: string;
  up?: boolean;
  scope?: number;
  to?: Prefix;
  label?: string;
  group?: number;
  master?: number;
  nomaster?: boolean;
  kind?: string;
  /** Flag → wanted or unwanted. */
  flags: Map<string, boolean>;
}

const FLAGS = new Set([
  'secondary',
  'temporary',
  'primary',
  'permanent',
  'dynamic',
  'tentative',
  'deprecated',
  'home',
  'nodad',
  'mngtmpaddr',
  'noprefixroute',
  'autojoin',
  'dadfailed',
]);

export const isFlagWord = (word: string): boolean => FLAGS.has(word.replace(/^-/, ''));

/** Takes a flag word (`-` before it: unwanted) into the filter. */
export function setFlagWord(filter: AddressFilter, word: string): void {
  const wanted = !word.startsWith('-');
  const flag = word.replace(/^-/, '');
  if (flag === 'primary') filter.flags.set('secondary', !wanted);
  else if (flag === 'temporary') filter.flags.set('secondary', wanted);
  else if (flag === 'permanent') filter.flags.set('dynamic', !wanted);
  else filter.flags.set(flag, wanted);
}
