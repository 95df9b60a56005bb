'use client';
import { type KeyboardEvent, useRef, useState } from 'react';
import { Button, Hidden } from '../ui/button.tsx';
import { Inline } from '../ui/inline.tsx';
import { fill } from '../ui/labels.ts';
import type { QuizLabels } from './labels.ts';
import type { QuestionView } from './question.ts';
import styles from './quiz.module.css';

interface OrderItemsProps {
  question: Extract<QuestionView, { kind: 'order' }>;
  labels: QuizLabels;
  given: readonly string[];
  answered: boolean;
  onChange(given: string[]): void;
}

/** A list to be put in order: two buttons for each item, and the arrow keys on them. */
export function OrderItems({ question, labels, given, answered, onChange }: OrderItemsProps) {
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState('');
  const textOf = (id: string): string => question.items.find((item) => item.id === id)?.text ?? '';
  const move = (id: string, by: -1 | 1, control: 'up' | 'down'): void => {
    const from = given.indexOf(id);
    const to = from + by;
    if (to < 0 || to >= given.length) return;
    const next = [...given];
    next.splice(from, 1);
    next.splice(to, 0, id);
    onChange(next);
    setSaid(fill(labels.moved, { item: textOf(id), place: to + 1, count: given.length }));
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-move="${id}-${control}"]`)?.focus());
  };
  const onKey = (event: KeyboardEvent, id: string): void => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    event.preventDefault();
    const up = event.key === 'ArrowUp';
    move(id, up ? -1 : 1, up ? 'up' : 'down');
  };
  return (
    <>
      <ol ref={list} className={styles.order}>
        {given.map((id, i) => (
          <li
            key={id}
            className={styles.orderItem}
            data-mark={answered ? (question.items[i]?.id === id ? 'right' : 'wrong') : undefined}
          >
            <span className={styles.orderText}>
              <Inline>{textOf(id)}</Inline>
            </span>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys belong to both buttons */}
            <span className={styles.moves} hidden={answered} onKeyDown={(event) => onKey(event, id)}>
              {(['up', 'down'] as const).map((way) => (
                <Button
                  key={way}
                  small
                  data-move={`${id}-${way}`}
                  aria-disabled={way === 'up' ? i === 0 : i === given.length - 1}
                  onClick={() => move(id, way === 'up' ? -1 : 1, way)}
                >
                  <span aria-hidden="true">{way === 'up' ? '↑' : '↓'}</span>
                  <Hidden>{`${labels[way]}: ${textOf(id)}`}</Hidden>
                </Button>
              ))}
            </span>
          </li>
        ))}
      </ol>
      <Hidden>
        <span role="status">{said}</span>
      </Hidden>
    </>
  );
}
