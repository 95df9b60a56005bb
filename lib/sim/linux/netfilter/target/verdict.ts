/** The targets that only decide: ACCEPT, DROP, RETURN; QUEUE hands packets to a program and is refused. */
import { defineTarget, type Verdict } from '../ext.ts';

const make = (name: string, verdict: Verdict) =>
  defineTarget<object>({ name, options: [], init: () => ({}), option: () => {}, save: () => '', list: () => null, apply: () => verdict });

export const accept = make('ACCEPT', 'ACCEPT');
export const drop = make('DROP', 'DROP');
export const returnTarget = make('RETURN', 'RETURN');
