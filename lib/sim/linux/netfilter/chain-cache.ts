/** What is worked out from one chain's rules and kept until they change. */
import { CHAIN, EPOCH } from '../derived.ts';
import type { ChainIndex } from './chain-index.ts';
import type { Netfilter, NfChain, NfRule } from './types.ts';
import type { ChainChecks } from './validate.ts';

export interface ChainCache {
  epoch: number;
  /** The very array it was made from, and its length. */
  rules: readonly NfRule[];
  length: number;
  index?: ChainIndex;
  checks?: ChainChecks;
  /** Its rules as iptables-save and `iptables -L -n` print them. */
  saved?: string;
  listed?: string;
  /** Whether a rule of the chain makes the kernel track connections. */
  tracking?: boolean;
}

/** The chain's cache, a fresh one when its rules are others than before. */
export function cacheOf(nf: Netfilter, chain: NfChain): ChainCache {
  const epoch = nf[EPOCH] ?? 0;
  const { rules } = chain;
  const known = chain[CHAIN];
  if (known && known.epoch === epoch && known.rules === rules && known.length === rules.length) return known;
  const fresh: ChainCache = { epoch, rules, length: rules.length };
  chain[CHAIN] = fresh;
  return fresh;
}

/** Throws away what was worked out: the rules have changed in place. */
export function forget(chain: NfChain): void {
  if (chain[CHAIN]) chain[CHAIN] = undefined;
}
