'use client';
import { useEffect, useRef } from 'react';
import { Button } from '../ui/button.tsx';
import { Inline } from '../ui/inline.tsx';
import { fill } from '../ui/labels.ts';
import styles from './practice.module.css';
import type { Round } from './practice.tsx';
import type { PracticeLabels, RoundLabels } from './practice-labels.ts';
import { clockTime, type Saving } from './practice-round.tsx';

export interface RoundAnswer {
  given: string[];
  right: boolean;
}

interface PracticeResultProps {
  round: Round;
  answers: Readonly<Record<string, RoundAnswer>>;
  seconds: number;
  saving: Saving;
  timeUp: boolean;
  labels: { practice: PracticeLabels; round: RoundLabels };
  onAgain(): void;
}

/** How a round went, question by question. */
export function PracticeResult({ round, answers, seconds, saving, timeUp, labels, onAgain }: PracticeResultProps) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const right = round.questions.filter((q) => answers[q.id]?.right).length;
  const said = {
    saving: labels.round.saving,
    saved: labels.round.saved,
    later: labels.round.savedLater,
    refused: labels.round.notSaved,
  }[saving];
  return (
    <section className={styles.result}>
      <h2 ref={title} tabIndex={-1}>
        {timeUp ? labels.round.timeUp : labels.round.resultTitle}
      </h2>
      <p className={styles.score}>{fill(labels.round.result, { right, count: round.questions.length })}</p>
      <p>{fill(labels.round.spent, { time: clockTime(seconds) })}</p>
      <ul className={styles.marks}>
        {round.questions.map((q) => {
          const answer = answers[q.id];
          const state = answer ? (answer.right ? 'right' : 'wrong') : 'unanswered';
          return (
            <li key={q.id} data-state={state}>
              <b>
                {
                  {
                    right: `✓ ${labels.round.right}`,
                    wrong: `✗ ${labels.round.wrong}`,
                    unanswered: `– ${labels.round.unanswered}`,
                  }[state]
                }
              </b>{' '}
              <Inline>{q.prompt}</Inline>
            </li>
          );
        })}
      </ul>
      <p role="status" className={styles.saving}>
        {said}
      </p>
      <Button look="primary" onClick={onAgain}>
        {labels.practice.again}
      </Button>
    </section>
  );
}
