'use client';
import { useEffect, useState } from 'react';
import { browserOutbox, newClientId } from '../outbox/browser-outbox.ts';
import type { OutboxState } from '../outbox/outbox.ts';
import type { WorkSession } from '../terminal/work-session.ts';
import { type ExerciseView, readVerdict, type VerdictView } from './types.ts';

export type Submission =
  | { kind: 'none' }
  | { kind: 'sending' }
  /** Kept in the browser until the server answers. */
  | { kind: 'waiting'; reason: NonNullable<OutboxState['reason']>; kept: boolean }
  | { kind: 'refused'; status: number; message: string }
  | { kind: 'verdict'; verdict: VerdictView };

/** Sends attempts through the outbox, and follows what becomes of the last one. */
export function useSubmission(
  exercise: ExerciseView,
  locale: string,
): { submission: Submission; submit(work: WorkSession): Promise<void> } {
  const [submission, setSubmission] = useState<Submission>({ kind: 'none' });
  useEffect(() => {
    const outbox = browserOutbox();
    return outbox.listen(() => {
      const { reason, kept } = outbox.state;
      setSubmission((s) =>
        (s.kind === 'sending' || s.kind === 'waiting') && reason !== null ? { kind: 'waiting', reason, kept } : s,
      );
    });
  }, []);
  const submit = async (work: WorkSession): Promise<void> => {
    setSubmission({ kind: 'sending' });
    const transcript = await work.client.transcript();
    const clientId = newClientId();
    const body = { clientId, exercise: exercise.id, seed: exercise.seed, transcript, locale };
    const outcome = await browserOutbox().add({ clientId, url: '/api/attempts', body });
    if (outcome.kind === 'refused')
      return setSubmission({ kind: 'refused', status: outcome.status, message: outcome.message });
    const verdict = readVerdict(outcome.body, locale);
    setSubmission(verdict ? { kind: 'verdict', verdict } : { kind: 'refused', status: 200, message: '' });
  };
  return { submission, submit };
}
