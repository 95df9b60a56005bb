'use client';
import { type ReactNode, useEffect, useState } from 'react';
import type { QuizLabels } from '../quiz/labels.ts';
import type { QuestionView } from '../quiz/question.ts';
import { QuestionItem } from '../quiz/question-item.tsx';
import { fill, type Labels } from '../ui/labels.ts';
import styles from './lesson.module.css';

const KEY = 'flatnet.predictions';

type Kept = Record<string, { given: string[]; right: boolean }>;

function readKept(): Kept {
  try {
    return (JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {}) as Kept;
  } catch {
    return {};
  }
}

interface PredictGateProps {
  question: QuestionView;
  quiz: QuizLabels;
  labels: Labels<'title' | 'intro' | 'before' | 'opened' | 'keptRight' | 'keptWrong'>;
  children: ReactNode;
}

/** A prediction, and what opens once it is made. It is asked once: the answer is kept in this browser. */
export function PredictGate({ question, quiz, labels, children }: PredictGateProps) {
  const [kept, setKept] = useState<Kept[string] | null>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => setKept(readKept()[question.id] ?? null), [question.id]);
  const answer = (given: string[], right: boolean): void => {
    setOpen(true);
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...readKept(), [question.id]: { given, right } }));
    } catch {
      // Without storage the prediction is asked again at the next visit.
    }
  };
  return (
    <section className={styles.predict} aria-label={labels.title}>
      <p className={styles.predictTitle}>{labels.title}</p>
      {kept && !open ? null : <p className={styles.predictIntro}>{labels.intro}</p>}
      {kept && !open ? (
        <p className={styles.kept}>
          {fill(kept.right ? labels.keptRight : labels.keptWrong, { prompt: question.prompt.replace(/[`*]/g, '') })}
        </p>
      ) : (
        <QuestionItem question={question} labels={quiz} onAnswer={answer} repeatable={false} />
      )}
      {open || kept ? (
        <div className={styles.gated}>
          {open ? (
            <p role="status" className={styles.opened}>
              {labels.opened}
            </p>
          ) : null}
          {children}
        </div>
      ) : (
        <p className={styles.shut}>{labels.before}</p>
      )}
    </section>
  );
}
