'use client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { browserOutbox, newClientId } from '../outbox/browser-outbox.ts';
import { Button } from '../ui/button.tsx';
import { fill } from '../ui/labels.ts';
import type { QuizLabels } from './labels.ts';
import styles from './practice.module.css';
import type { Round } from './practice.tsx';
import type { PracticeLabels, RoundLabels } from './practice-labels.ts';
import { PracticeResult, type RoundAnswer } from './practice-result.tsx';
import { QuestionItem } from './question-item.tsx';

interface PracticeRoundProps {
  round: Round;
  labels: { practice: PracticeLabels; round: RoundLabels; quiz: QuizLabels };
  onAgain(): void;
}

export type Saving = 'saving' | 'later' | 'saved' | 'refused';

/** Minutes and seconds. */
export const clockTime = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** One question after the other; at the end, or when time is up, the result is kept on the server. */
export function PracticeRound({ round, labels, onAgain }: PracticeRoundProps) {
  const [at, setAt] = useState(0);
  const [answers, setAnswers] = useState<Record<string, RoundAnswer>>({});
  const [seconds, setSeconds] = useState(0);
  const [result, setResult] = useState<{ seconds: number; saving: Saving; timeUp: boolean } | null>(null);
  const began = useRef(0);
  const heading = useRef<HTMLParagraphElement>(null);
  const { questions, timeLimit, topic, level } = round;
  const finish = useCallback(
    (timeUp: boolean) => {
      const spent = Math.round((performance.now() - began.current) / 1000);
      setResult({ seconds: spent, saving: 'saving', timeUp });
      const clientId = newClientId();
      const body = {
        clientId,
        topic,
        level,
        timeLimit,
        seconds: spent,
        answers: questions.map((q) => ({ question: q.id, given: answers[q.id]?.given ?? [] })),
      };
      const outbox = browserOutbox();
      const settle = (saving: Saving): void => setResult((r) => (r ? { ...r, saving } : r));
      const stop = outbox.listen(() => outbox.state.reason !== null && settle('later'));
      void outbox.add({ clientId, url: '/api/practice', body }).then((outcome) => {
        stop();
        settle(outcome.kind === 'sent' ? 'saved' : 'refused');
      });
    },
    [answers, level, questions, timeLimit, topic],
  );
  const end = useRef(finish);
  end.current = finish;
  const over = result !== null;
  useEffect(() => {
    if (over) return;
    began.current ||= performance.now();
    const timer = setInterval(() => {
      const spent = (performance.now() - began.current) / 1000;
      setSeconds(spent);
      if (timeLimit !== null && spent >= timeLimit) end.current(true);
    }, 500);
    return () => clearInterval(timer);
  }, [over, timeLimit]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new question takes the focus
  useEffect(() => heading.current?.focus(), [at]);
  if (result)
    return (
      <PracticeResult
        round={round}
        answers={answers}
        seconds={result.seconds}
        saving={result.saving}
        timeUp={result.timeUp}
        labels={labels}
        onAgain={onAgain}
      />
    );
  const question = questions[at];
  if (!question) return null;
  const answered = answers[question.id] !== undefined;
  const isLast = at === questions.length - 1;
  const left = timeLimit === null ? null : Math.max(0, timeLimit - seconds);
  return (
    <div className={styles.round}>
      <div className={styles.head}>
        <p ref={heading} tabIndex={-1}>
          {fill(labels.round.progress, { number: at + 1, count: questions.length })}
        </p>
        {left === null ? null : (
          <p role="timer" data-low={left < 60}>
            {fill(labels.round.timeLeft, { time: clockTime(Math.ceil(left)) })}
          </p>
        )}
      </div>
      <p role="status" className={styles.spoken}>
        {left !== null && left < 60 ? labels.round.minuteLeft : ''}
      </p>
      <QuestionItem
        key={question.id}
        question={question}
        labels={labels.quiz}
        repeatable={false}
        onAnswer={(given, right) => setAnswers((was) => ({ ...was, [question.id]: { given, right } }))}
      />
      <Button look={answered ? 'primary' : 'plain'} onClick={() => (isLast ? finish(false) : setAt(at + 1))}>
        {isLast ? labels.round.finish : answered ? labels.round.next : labels.round.skip}
      </Button>
    </div>
  );
}
