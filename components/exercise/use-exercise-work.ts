'use client';
import { useEffect, useRef, useState } from 'react';
import { workerPort } from '#worker/worker-port.ts';
import { WorkSession } from '../terminal/work-session.ts';
import type { ExerciseView } from './types.ts';
import { keepWork, readWork } from './work-store.ts';

/** What was typed is kept this long after the last command came to rest, ms. */
const KEEP_AFTER = 150;

export interface ExerciseWork {
  work: WorkSession | null;
  hints: number;
  takeHint(): void;
  /** False when the browser cannot keep the work. */
  kept: boolean;
}

/** The session of an exercise: begins where the learner left off, and is kept as it grows. */
export function useExerciseWork(exercise: ExerciseView): ExerciseWork {
  const [work, setWork] = useState<WorkSession | null>(null);
  const [hints, setHints] = useState(0);
  const [kept, setKept] = useState(true);
  const taken = useRef(0);
  const store = useRef<(session: WorkSession) => Promise<void>>(async () => {});
  store.current = async (session) => {
    try {
      const transcript = await session.client.transcript();
      setKept(keepWork(exercise.id, exercise.version, { seed: exercise.seed, transcript, hints: taken.current }));
    } catch {
      // The session has ended: the last state kept stands.
    }
  };
  useEffect(() => {
    const before = readWork(exercise.id, exercise.version);
    const transcript = before?.seed === exercise.seed ? before.transcript : undefined;
    taken.current = before?.hints ?? 0;
    setHints(taken.current);
    const session = new WorkSession(workerPort(), {
      scenario: exercise.scene,
      seed: exercise.seed,
      setup: exercise.setup,
      terminals: exercise.terminals,
      transcript,
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    let revision = 0;
    const stop = session.listen(() => {
      if (session.state.status !== 'ready' || session.state.revision === revision) return;
      revision = session.state.revision;
      clearTimeout(timer);
      timer = setTimeout(() => void store.current(session), KEEP_AFTER);
    });
    setWork(session);
    return () => {
      clearTimeout(timer);
      stop();
      session.close();
    };
  }, [exercise]);
  const takeHint = (): void => {
    taken.current = Math.min(exercise.hints.length, taken.current + 1);
    setHints(taken.current);
    if (work) void store.current(work);
  };
  return { work, hints, takeHint, kept };
}
