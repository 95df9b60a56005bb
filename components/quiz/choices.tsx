'use client';
import { useId } from 'react';
import { Hidden } from '../ui/button.tsx';
import { Inline } from '../ui/inline.tsx';
import type { QuizLabels } from './labels.ts';
import type { QuestionView } from './question.ts';
import styles from './quiz.module.css';

interface ChoicesProps {
  question: Extract<QuestionView, { kind: 'single' | 'multiple' }>;
  labels: QuizLabels;
  given: readonly string[];
  answered: boolean;
  onChange(given: string[]): void;
}

/** Options as radio buttons or check boxes; once answered, each with its reason. */
export function Choices({ question, labels, given, answered, onChange }: ChoicesProps) {
  const name = useId();
  const single = question.kind === 'single';
  return (
    <ul className={styles.options}>
      {question.options.map((option) => {
        const chosen = given.includes(option.id);
        const mark = answered && (option.correct ? 'right' : chosen ? 'wrong' : 'plain');
        return (
          <li key={option.id} className={styles.option} data-mark={mark || undefined}>
            <label>
              <input
                type={single ? 'radio' : 'checkbox'}
                name={name}
                checked={chosen}
                onChange={() =>
                  onChange(single ? [option.id] : chosen ? given.filter((g) => g !== option.id) : [...given, option.id])
                }
              />
              <span>
                <Inline>{option.text}</Inline>
              </span>
            </label>
            {answered ? (
              <p className={styles.why}>
                <b>{option.correct ? `✓ ${labels.correct}` : `✗ ${labels.notCorrect}`}</b>
                {chosen ? <Hidden> ({labels.yourChoice})</Hidden> : null} <Inline>{option.why}</Inline>
              </p>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}
