/** Grading by replay: the transcript is run again in the same engine, then each check looks at the world it left. */
import {
  emptyTranscript,
  ReplayBoundError,
  type ReplayBounds,
  Session,
  type TraceEvent,
  type Transcript,
} from '#sim/index.ts';
import { checkKind } from './checks/registry.ts';
import { drawExercise } from './draw.ts';
import type { Exercise, Localized } from './schema.ts';

export interface CheckVerdict {
  id: string;
  passed: boolean;
  points: number;
  /** What the check says to the learner, in every language. */
  message: Localized<string>;
  observed: string;
  /** The counter-example packet with its steps, at most {@link MAX_TRACE}. */
  trace?: TraceEvent[];
}

export interface Verdict {
  status: 'graded' | 'could-not-check';
  /** Why it could not be checked. */
  reason?: string;
  passed: boolean;
  /** Points won over points there are, 0 to 1. */
  score: number;
  checks: CheckVerdict[];
  /** Hash of the world after the replay. */
  worldHash: string;
}

export const GRADE_BOUNDS: ReplayBounds = { maxTime: 6 * 3600 * 1e6, maxSteps: 4_000_000 };

const MAX_TRACE = 200;
/** What is still running after the last line gets this much virtual time and this many system calls to end. */
const SETTLE = { time: 120_000_000, steps: 1_000_000 };

const couldNotCheck = (reason: string): Verdict => ({
  status: 'could-not-check',
  reason,
  passed: false,
  score: 0,
  checks: [],
  worldHash: '',
});

/**
 * Replays once and judges: the checks look at the world one after the other, in the author's order, as a person would who
 * tries the cluster. A run past its bounds is `could-not-check` with the reason, never "wrong".
 */
export function gradeTranscript(
  authored: Exercise,
  transcript: Transcript,
  seed: number,
  bounds: ReplayBounds = GRADE_BOUNDS,
): Verdict {
  const exercise = drawExercise(authored, seed);
  const play = (): Session => {
    const session = Session.replay(exercise.scene.base, seed, transcript, { steps: exercise.scene.setup }, bounds);
    if (!session.settle(SETTLE.time, SETTLE.steps)) interruptAll(session);
    return session;
  };
  try {
    const session = play();
    const worldHash = session.hash();
    const checks = exercise.checks.map((check): CheckVerdict => {
      const outcome = checkKind(check.test.kind).evaluate(session, check.test);
      const verdict: CheckVerdict = {
        id: check.id,
        passed: outcome.passed,
        points: check.points,
        message: outcome.passed ? check.says : check.fails,
        observed: outcome.observed,
      };
      if (outcome.trace) verdict.trace = outcome.trace.slice(0, MAX_TRACE);
      return verdict;
    });
    const all = checks.reduce((sum, c) => sum + c.points, 0);
    const won = checks.reduce((sum, c) => sum + (c.passed ? c.points : 0), 0);
    return { status: 'graded', passed: won === all, score: won / all, checks, worldHash };
  } catch (error) {
    if (error instanceof ReplayBoundError) return couldNotCheck(`the replay ran past its bound of ${error.bound}`);
    throw error;
  }
}

/** A command left running (tcpdump, ping) is ended as ^C would, so that checks find a quiet cluster. */
function interruptAll(session: Session): void {
  for (const term of session.machine.ttys.keys()) session.interrupt(term);
  session.settle(SETTLE.time, SETTLE.steps);
}

/** The transcript of lines typed one after the other, each into its host's terminal, waiting for the prompt between. */
export function typeScript(
  authored: Exercise,
  seed: number,
  lines: readonly { host?: string; cmd: string; stdin?: string }[],
): Transcript {
  const exercise = drawExercise(authored, seed);
  const session = Session.open(exercise.scene.base, seed, { steps: exercise.scene.setup });
  const terms = new Map<string, number>();
  const first = exercise.terminals[0] as string;
  for (const { host = first, cmd, stdin } of lines) {
    let term = terms.get(host);
    if (term === undefined) {
      const opened = session.openTerminal(host);
      if (opened === null) continue;
      terms.set(host, (term = opened));
      session.settle(SETTLE.time, SETTLE.steps);
    }
    for (const line of cmd.split('\n')) session.type(term, line);
    if (stdin !== undefined) {
      for (const line of stdin.replace(/\n$/, '').split('\n')) session.type(term, line);
      session.eof(term);
    }
    if (!session.settle(SETTLE.time, SETTLE.steps)) {
      session.interrupt(term);
      session.settle(SETTLE.time, SETTLE.steps);
    }
  }
  return lines.length === 0 ? emptyTranscript() : session.transcript;
}
