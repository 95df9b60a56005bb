'use client';
import { useTranslations } from 'next-intl';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Inline } from '../ui/inline.tsx';
import type { ExerciseView } from './types.ts';
import styles from './workspace.module.css';

interface HintsProps {
  exercise: ExerciseView;
  taken: number;
  onTake(): void;
  passed: boolean;
}

/** The ladder of hints, one rung at a time; the reference solution once solved, or after the last rung. */
export function Hints({ exercise, taken, onTake, passed }: HintsProps) {
  const t = useTranslations('exercise');
  const last = useRef<HTMLLIElement>(null);
  const [asked, setAsked] = useState(false);
  const all = taken >= exercise.hints.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the newest rung takes the focus when it is asked for
  useEffect(() => {
    if (asked) last.current?.focus();
  }, [taken, asked]);
  const take = (): void => {
    setAsked(true);
    onTake();
  };
  return (
    <section className={styles.hints} aria-labelledby="hints-title">
      <h2 id="hints-title">{t('hints')}</h2>
      {taken === 0 ? <p className={styles.quiet}>{t('hintsIntro')}</p> : null}
      <ol className={styles.ladder}>
        {exercise.hints.slice(0, taken).map((hint, i) => (
          <li key={hint} ref={i === taken - 1 ? last : undefined} tabIndex={-1}>
            <Inline>{hint}</Inline>
          </li>
        ))}
      </ol>
      {all ? null : (
        <Button small onClick={take}>
          {taken === 0 ? t('firstHint') : t('nextHint')}
        </Button>
      )}
      {passed || all ? (
        <details className={styles.solution}>
          <summary>{t('solution')}</summary>
          <pre>{exercise.solution}</pre>
        </details>
      ) : null}
    </section>
  );
}
