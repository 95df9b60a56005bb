/**
 * Long chains indexed by destination: a packet looks only at the rules for its own address and at those that name none.
 * First match, positions and counters are those of a plain walk: every rule left out has a `-d` that cannot fit.
 */
import { bitsOf, type Ip, maskOf } from '../../addr/ip.ts';
import type { NfChain } from './types.ts';

/** Shorter chains are walked. */
const MIN_RULES = 24;

interface ChainIndex {
  generation: number;
  /** Positions of rules without an exact destination, ascending. */
  always: number[];
  byDst: Map<Ip, number[]>;
}

/** Derived from the rules and thrown away with them: no part of the world. */
const cache = new WeakMap<NfChain, ChainIndex>();

function build(chain: NfChain, generation: number): ChainIndex {
  const index: ChainIndex = { generation, always: [], byDst: new Map() };
  for (let i = 0; i < chain.rules.length; i++) {
    const dst = chain.rules[i]?.head.dst;
    if (!dst || dst.not || dst.mask !== maskOf(typeof dst.ip === 'bigint' ? 6 : 4, bitsOf(dst.ip))) {
      index.always.push(i);
      continue;
    }
    const list = index.byDst.get(dst.ip);
    if (list) list.push(i);
    else index.byDst.set(dst.ip, [i]);
  }
  return index;
}

function merge(a: readonly number[], b: readonly number[]): readonly number[] {
  const out: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i];
    const y = b[j];
    if (y === undefined || (x !== undefined && x < y)) {
      out.push(x as number);
      i++;
    } else {
      out.push(y);
      j++;
    }
  }
  return out;
}

/** Positions of the rules that may fit a packet to `dst`, ascending; null means all of them. */
export function candidates(chain: NfChain, dst: Ip | undefined, generation: number): readonly number[] | null {
  if (chain.rules.length < MIN_RULES || dst === undefined) return null;
  let index = cache.get(chain);
  if (!index || index.generation !== generation) {
    index = build(chain, generation);
    cache.set(chain, index);
  }
  const own = index.byDst.get(dst);
  if (!own) return index.always;
  return index.always.length === 0 ? own : merge(index.always, own);
}
