/**
 * What evaluates nft's own rules. Only nft makes such rules, so the evaluator comes with it: a prompt does not wait for it.
 */
import type * as evaluator from './eval.ts';

type Evaluator = Pick<typeof evaluator, 'evalRule' | 'nftTracks'>;

let loaded: Evaluator | null = null;

/** Hands it over. */
export function provideNftEvaluator(given: Evaluator): void {
  loaded = given;
}

/** The evaluator. Before a program that makes rules is loaded there is no rule to evaluate. */
export function nftEvaluator(): Evaluator {
  if (!loaded) throw new Error('nft has not been loaded');
  return loaded;
}
