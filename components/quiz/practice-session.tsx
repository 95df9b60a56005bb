import { getTranslations } from 'next-intl/server';
import { labelsOf } from '../ui/labels.ts';
import { Practice } from './practice.tsx';
import { PRACTICE_KEYS, ROUND_KEYS, ROUND_PLACES } from './practice-labels.ts';
import type { QuestionView } from './question.ts';
import { quizLabels } from './quiz.tsx';

export interface PracticeSessionProps {
  /** All questions there are: rounds are drawn from them. */
  questions: readonly QuestionView[];
  /** Topics with their names as the reader knows them. */
  topics: readonly { id: string; name: string }[];
}

/** Rounds of questions, drawn by topic and level, with or without a clock. */
export async function PracticeSession({ questions, topics }: PracticeSessionProps) {
  const [practice, quiz] = await Promise.all([getTranslations('practice'), getTranslations('quiz')]);
  return (
    <Practice
      questions={questions}
      topics={topics}
      labels={{
        practice: labelsOf(practice, PRACTICE_KEYS),
        round: labelsOf(quiz, ROUND_KEYS, ROUND_PLACES),
        quiz: await quizLabels(),
      }}
    />
  );
}
