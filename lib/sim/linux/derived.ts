/**
 * What the data path has worked out from the configuration and keeps until that changes: no part of the world, so it hangs
 * on symbols, which are neither hashed nor copied into a snapshot. Whoever keeps something here also checks that what it
 * was made of is still the same.
 */

import type { ChainCache } from './netfilter/chain-cache.ts';
import type { FrameCache, PlanCache } from './netfilter/plan.ts';
import type { Ordered } from './netfilter/tables.ts';
import type { Reach } from './netfilter/validate.ts';
import type { FibCache } from './route/fib-cache.ts';
import type { InputConf } from './stack/conf.ts';

export const FIB4: unique symbol = Symbol('fib4');
export const FIB6: unique symbol = Symbol('fib6');
export const PLANS: unique symbol = Symbol('plans');
export const FRAMES: unique symbol = Symbol('frames');
export const EPOCH: unique symbol = Symbol('epoch');
export const CHAIN: unique symbol = Symbol('chain');
export const ORDER: unique symbol = Symbol('order');
export const REACH: unique symbol = Symbol('reach');
export const CONF: unique symbol = Symbol('conf');

/** On a network namespace. */
export interface NsDerived {
  [FIB4]?: FibCache;
  [FIB6]?: FibCache;
}

/** On its netfilter state. */
export interface NfDerived {
  [PLANS]?: PlanCache;
  [FRAMES]?: FrameCache;
  /** Grows with changes of the rules that do not say which chains they touched. */
  [EPOCH]?: number;
}

/** On a chain. */
export interface ChainDerived {
  [CHAIN]?: ChainCache | undefined;
}

/** On a table. */
export interface TableDerived {
  [REACH]?: Reach | undefined;
  [ORDER]?: Ordered | undefined;
}

/** On a link. */
export interface LinkDerived {
  [CONF]?: InputConf;
}
