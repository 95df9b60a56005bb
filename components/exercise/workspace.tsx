'use client';
import { useLocale, useTranslations } from 'next-intl';
import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { Button } from '../ui/button.tsx';
import { Checks } from './checks.tsx';
import { Hints } from './hints.tsx';
import type { ExerciseView } from './types.ts';
import { useExerciseWork } from './use-exercise-work.ts';
import { useSubmission } from './use-submission.ts';
import { VerdictLine } from './verdict-line.tsx';
import styles from './workspace.module.css';

const TerminalPanel = lazy(() => import('../terminal/terminal-panel.tsx').then((m) => ({ default: m.TerminalPanel })));

/** Task, terminals, checks, hints and verdict of one exercise. */
export function Workspace({ exercise, task }: { exercise: ExerciseView; task: ReactNode }) {
  const t = useTranslations('exercise');
  const { work, hints, takeHint, kept } = useExerciseWork(exercise);
  const { submission, submit } = useSubmission(exercise, useLocale());
  const busy = submission.kind === 'sending' || submission.kind === 'waiting';
  const send = useRef(() => {});
  send.current = () => {
    if (work && !busy) void submit(work);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      event.stopPropagation();
      send.current();
    };
    // Before the terminal, which would take the key for a line.
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, []);
  const verdict = submission.kind === 'verdict' ? submission.verdict : null;
  return (
    <div className={styles.workspace}>
      <div className={styles.side}>
        <div className={styles.task}>{task}</div>
        <section className={styles.checks} aria-labelledby="checks-title">
          <h2 id="checks-title">{t('checks')}</h2>
          <Checks exercise={exercise} verdict={verdict} work={work} />
          <Button
            look="primary"
            shortcut="Ctrl+Enter"
            disabled={!work}
            aria-disabled={busy}
            onClick={() => send.current()}
          >
            {t('submit')}
          </Button>
          <VerdictLine submission={submission} />
          {kept ? null : <p className={styles.warn}>{t('notKept')}</p>}
        </section>
        <Hints exercise={exercise} taken={hints} onTake={takeHint} passed={verdict?.passed ?? false} />
      </div>
      <div className={styles.terminal}>
        {work ? (
          <Suspense
            fallback={
              <p className={styles.opening} role="status">
                {t('opening')}
              </p>
            }
          >
            <TerminalPanel work={work} />
          </Suspense>
        ) : (
          <p className={styles.opening} role="status">
            {t('opening')}
          </p>
        )}
      </div>
    </div>
  );
}
