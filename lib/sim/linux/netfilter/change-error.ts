/** What a change of the rules is made on, how it fails, and in which words. */
import type { NetNs } from '../types.ts';
import type { IpFamily } from './tables.ts';

export interface ChangeTarget {
  ns: NetNs;
  family: IpFamily;
  owner: 'nft' | 'iptables';
  /** The table of a restore file's lines. */
  table?: string;
}

/** Why a change was not made. */
export type ChangeError =
  /** xtables_error at commit: `Chain 'X' does not exist` and the like, exit 2. */
  | { kind: 'usage'; message: string; line: number }
  /** `iptables: MESSAGE.`, exit 1. */
  | { kind: 'errno'; message: string; line: number }
  /** The kernel's batch refused: `RULE_APPEND failed (…)`, exit 4. */
  | { kind: 'batch'; errors: { line: number; text: string }[] };

export const STRERROR: Record<string, string> = {
  EINVAL: 'Invalid argument',
  ENOENT: 'No such file or directory',
  EOPNOTSUPP: 'Operation not supported',
  EMLINK: 'Too many links',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
};

export const LEGACY_ERRNO: Record<string, string> = {
  EINVAL: "Invalid argument. Run `dmesg' for more information",
  EMLINK: 'Too many levels of symbolic links',
  EOPNOTSUPP: 'Operation not supported',
};

export const NO_CHAIN = 'No chain/target/match by that name';
export const BAD_RULE = 'Bad rule (does a matching rule exist in that chain?)';

/** Ends a transaction. */
export class Stop extends Error {
  constructor(readonly error: ChangeError) {
    super('');
  }
}
