'use client';
import { useId, useRef, useState } from 'react';
import { markAnswer } from '#grade/mark-answer.ts';
import { Button } from '../ui/button.tsx';
import { Inline } from '../ui/inline.tsx';
import { fill } from '../ui/labels.ts';
import { Choices } from './choices.tsx';
import type { QuizLabels } from './labels.ts';
import { OrderItems } from './order-items.tsx';
import { firstOrder, type QuestionView, whyWrong } from './question.ts';
import styles from './quiz.module.css';

interface QuestionItemProps {
  question: QuestionView;
  labels: QuizLabels;
  /** Told once, at the first answer. */
  onAnswer?(given: string[], right: boolean): void;
  /** Whether it can be tried again after a wrong answer. */
  repeatable?: boolean;
}

/** One question: the answer is marked at once, and every choice explained. */
export function QuestionItem({ question, labels, onAnswer, repeatable = true }: QuestionItemProps) {
  const start = question.kind === 'order' ? firstOrder(question) : [];
  const [given, setGiven] = useState<string[]>(start);
  const [answered, setAnswered] = useState(false);
  const [hint, setHint] = useState('');
  const told = useRef(false);
  const result = useRef<HTMLDivElement>(null);
  const id = useId();
  const right = answered && markAnswer(question, given);
  const answer = (): void => {
    if (given.length === 0 || (question.kind === 'type' && given[0]?.trim() === '')) {
      setHint(labels.answerFirst);
      return;
    }
    setHint('');
    setAnswered(true);
    if (!told.current) onAnswer?.(given, markAnswer(question, given));
    told.current = true;
    requestAnimationFrame(() => result.current?.focus());
  };
  const again = (): void => {
    setAnswered(false);
    setGiven(start);
  };
  return (
    <form
      className={styles.question}
      onSubmit={(event) => {
        event.preventDefault();
        answer();
      }}
    >
      <fieldset className={styles.set} disabled={answered} aria-describedby={`${id}-how`}>
        <legend className={styles.prompt}>
          <Inline>{question.prompt}</Inline>
        </legend>
        {question.code ? <pre className={styles.code}>{question.code}</pre> : null}
        <p id={`${id}-how`} className={styles.how}>
          {how(question, labels)}
        </p>
        {question.kind === 'single' || question.kind === 'multiple' ? (
          <Choices question={question} labels={labels} given={given} answered={answered} onChange={setGiven} />
        ) : null}
        {question.kind === 'order' ? (
          <OrderItems question={question} labels={labels} given={given} answered={answered} onChange={setGiven} />
        ) : null}
        {question.kind === 'type' ? (
          <input
            className={styles.typed}
            aria-label={labels.yourAnswer}
            value={given[0] ?? ''}
            autoCapitalize="none"
            autoComplete="off"
            autoCorrect="off"
            spellCheck={false}
            maxLength={300}
            onChange={(event) => setGiven([event.target.value])}
          />
        ) : null}
      </fieldset>
      {answered ? null : <Button type="submit">{labels.check}</Button>}
      <p role="status" className={styles.hint}>
        {hint}
      </p>
      {answered ? (
        <section
          ref={result}
          tabIndex={-1}
          aria-label={right ? labels.right : labels.wrong}
          className={styles.result}
          data-right={right}
        >
          <p className={styles.mark}>{right ? `✓ ${labels.right}` : `✗ ${labels.wrong}`}</p>
          {right || question.kind !== 'type' ? null : (
            <p>
              <Inline>{whyWrong(question, given[0] ?? '') ?? ''}</Inline>
            </p>
          )}
          {right ? null : <RightAnswer question={question} labels={labels} />}
          <p>
            <Inline>{question.explanation}</Inline>
          </p>
          <p className={styles.source}>
            {labels.source}: <Inline>{question.source}</Inline>
          </p>
          {right || !repeatable ? null : (
            <Button small onClick={again}>
              {labels.again}
            </Button>
          )}
        </section>
      ) : null}
    </form>
  );
}

function RightAnswer({ question, labels }: { question: QuestionView; labels: QuizLabels }) {
  if (question.kind === 'type')
    return (
      <p>
        {fill(labels.answerWas, { answer: '' })}
        <code>{question.answers[0]}</code>
      </p>
    );
  if (question.kind !== 'order') return null;
  return (
    <>
      <p>{labels.rightOrder}</p>
      <ol className={styles.rightOrder}>
        {question.items.map((item) => (
          <li key={item.id}>
            <Inline>{item.text}</Inline>
          </li>
        ))}
      </ol>
    </>
  );
}

function how(question: QuestionView, labels: QuizLabels): string {
  return { single: labels.chooseOne, multiple: labels.chooseAll, order: labels.putInOrder, type: labels.typeIt }[
    question.kind
  ];
}
