'use client';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '../ui/button.tsx';
import type { QuizLabels } from './labels.ts';
import styles from './practice.module.css';
import type { PracticeLabels, RoundLabels } from './practice-labels.ts';
import { PracticeRound } from './practice-round.tsx';
import { drawQuestions, type QuestionView } from './question.ts';

export interface Round {
  /** Counts rounds: each begins anew. */
  number: number;
  questions: QuestionView[];
  topic: string | null;
  level: number | null;
  /** Seconds allowed, or null. */
  timeLimit: number | null;
}

interface PracticeProps {
  questions: readonly QuestionView[];
  topics: readonly { id: string; name: string }[];
  labels: { practice: PracticeLabels; round: RoundLabels; quiz: QuizLabels };
}

const COUNTS = [5, 10, 20];
const SECONDS_EACH = 60;

/** Choosing a round, and then the round itself. */
export function Practice({ questions, topics, labels }: PracticeProps) {
  const [round, setRound] = useState<Round | null>(null);
  const [started, setStarted] = useState(0);
  const [none, setNone] = useState(false);
  const begin = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const topic = String(form.get('topic')) || null;
    const level = Number(form.get('level')) || null;
    const drawn = drawQuestions(questions, { topic, level, count: Number(form.get('count')) || 5 }, Math.random);
    setNone(drawn.length === 0);
    if (drawn.length === 0) return;
    setStarted(started + 1);
    setRound({
      number: started + 1,
      questions: drawn,
      topic,
      level,
      timeLimit: form.get('timed') === 'on' ? drawn.length * SECONDS_EACH : null,
    });
  };
  if (round) return <PracticeRound key={round.number} round={round} labels={labels} onAgain={() => setRound(null)} />;
  return <Setup questions={questions} topics={topics} labels={labels.practice} none={none} onBegin={begin} />;
}

interface SetupProps {
  questions: readonly QuestionView[];
  topics: readonly { id: string; name: string }[];
  labels: PracticeLabels;
  none: boolean;
  onBegin(event: FormEvent<HTMLFormElement>): void;
}

function Setup({ questions, topics, labels, none, onBegin }: SetupProps) {
  const id = useId();
  const levels = [...new Set(questions.map((q) => q.level))].sort((a, b) => a - b);
  return (
    <form className={styles.setup} onSubmit={onBegin}>
      <div className={styles.field}>
        <label htmlFor={`${id}-topic`}>{labels.topic}</label>
        <select id={`${id}-topic`} name="topic" defaultValue="">
          <option value="">{labels.anyTopic}</option>
          {topics.map((topic) => (
            <option key={topic.id} value={topic.id}>
              {topic.name}
            </option>
          ))}
        </select>
      </div>
      <div className={styles.field}>
        <label htmlFor={`${id}-level`}>{labels.level}</label>
        <select id={`${id}-level`} name="level" defaultValue="">
          <option value="">{labels.anyLevel}</option>
          {levels.map((level) => (
            <option key={level} value={level}>
              {level}
            </option>
          ))}
        </select>
      </div>
      <div className={styles.field}>
        <label htmlFor={`${id}-count`}>{labels.count}</label>
        <select id={`${id}-count`} name="count" defaultValue={COUNTS[0]}>
          {COUNTS.map((count) => (
            <option key={count} value={count}>
              {count}
            </option>
          ))}
        </select>
      </div>
      <label className={styles.timed}>
        <input type="checkbox" name="timed" aria-describedby={`${id}-timed`} />
        <span>
          {labels.timed}
          <small id={`${id}-timed`}>{labels.timedHelp}</small>
        </span>
      </label>
      <Button type="submit" look="primary">
        {labels.start}
      </Button>
      <p role="status" className={styles.none}>
        {none ? labels.none : ''}
      </p>
    </form>
  );
}
