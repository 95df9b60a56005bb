'use client';
import { useEffect, useState } from 'react';
import { browserOutbox, newClientId } from '../outbox/browser-outbox.ts';
import { Button } from '../ui/button.tsx';
import styles from './lesson-reading.module.css';

interface LessonReadingProps {
  /** `module/lesson`. */
  lesson: string;
  completed: boolean;
  labels: Record<'complete' | 'completed' | 'kept', string>;
}

/** Shares of a lesson whose reaching is reported. */
const MARKS = [10, 25, 50, 75, 100];

const report = (lesson: string, percent: number, completed: boolean): void =>
  void browserOutbox().add({
    clientId: newClientId(),
    url: '/api/progress/lessons',
    body: { lesson, percent, completed },
  });

const percentRead = (): number =>
  Math.min(100, Math.round((100 * (scrollY + innerHeight)) / document.documentElement.scrollHeight));

/** Reports how far a lesson has been read, and lets the reader mark it as done. */
export function LessonReading({ lesson, completed, labels }: LessonReadingProps) {
  const [done, setDone] = useState(completed);
  const [said, setSaid] = useState('');
  useEffect(() => {
    let reached = -1;
    const look = (): void => {
      const percent = percentRead();
      const mark = MARKS.findLastIndex((m) => percent >= m);
      // What is visible at once counts only when the reader moves on.
      if (mark <= reached || scrollY === 0) return;
      reached = mark;
      report(lesson, MARKS[mark] as number, false);
    };
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, [lesson]);
  const complete = (): void => {
    setDone(true);
    setSaid(labels.kept);
    report(lesson, 100, true);
  };
  return (
    <p className={styles.bar}>
      {done ? (
        <span className={styles.done}>✓ {labels.completed}</span>
      ) : (
        <Button look="primary" onClick={complete}>
          {labels.complete}
        </Button>
      )}
      <span role="status" className="only-spoken">
        {said}
      </span>
    </p>
  );
}
