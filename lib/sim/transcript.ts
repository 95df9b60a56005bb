/**
 * What was typed, and when in virtual time: with the scenario and the seed it is the whole state. `steps` is the count
 * of system calls answered so far, so that a ^C into a program that never waits lands where it landed.
 */
export const TRANSCRIPT_VERSION = 1;

interface At {
  /** Virtual microseconds. */
  at: number;
  /** {@link import('./kernel/machine.ts').Machine.steps} at that moment. */
  steps: number;
  term: number;
}

export type TranscriptStep =
  | (At & { open: string; cols: number; rows: number })
  | (At & { line: string })
  | (At & { key: 'interrupt' | 'eof' });

export interface Transcript {
  v: typeof TRANSCRIPT_VERSION;
  steps: TranscriptStep[];
}

export const emptyTranscript = (): Transcript => ({ v: TRANSCRIPT_VERSION, steps: [] });

/** Lines typed, in order: what bounds count and what people read. */
export const linesOf = (t: Transcript): string[] => t.steps.flatMap((s) => ('line' in s ? [s.line] : []));
