/** What a kind of check is: a file beside this one, listed in registry.ts. */

import type { z } from 'zod';
import type { Session, TraceEvent } from '#sim/index.ts';

export interface CheckOutcome {
  passed: boolean;
  /** What was seen, for people: one line. */
  observed: string;
  /** The counter-example packet's steps when reachability is not as wanted. */
  trace?: TraceEvent[];
}

export interface CheckKind<S extends z.ZodType = z.ZodType> {
  kind: string;
  schema: S;
  /** Judges the session's world. May run programs in it: the world is thrown away afterwards. */
  evaluate(session: Session, check: z.infer<S>): CheckOutcome;
}

export const defineCheck = <S extends z.ZodType>(kind: CheckKind<S>): CheckKind<S> => kind;
