/** The targets that only decide: ACCEPT, DROP, RETURN; the kernel has no QUEUE any more. */
import { defineTarget, type Verdict } from '../ext.ts';

const make = (name: string, verdict: Verdict) =>
  defineTarget<object>({
    name,
    options: [],
    init: () => ({}),
    option: () => {},
    save: () => '',
    list: () => null,
    apply: () => verdict,
  });

export const accept = make('ACCEPT', 'ACCEPT');
export const drop = make('DROP', 'DROP');
export const returnTarget = make('RETURN', 'RETURN');
export const queue = defineTarget<object>({
  name: 'QUEUE',
  options: [],
  init: () => ({}),
  option: () => {},
  accept: () => 'ENOENT',
  save: () => '',
  list: () => null,
  apply: () => 'DROP',
});
