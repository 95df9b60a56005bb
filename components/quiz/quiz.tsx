import { getTranslations } from 'next-intl/server';
import { labelsOf } from '../ui/labels.ts';
import { QUIZ_KEYS, QUIZ_PLACES, type QuizLabels } from './labels.ts';
import type { QuestionView } from './question.ts';
import { QuestionItem } from './question-item.tsx';
import styles from './quiz.module.css';

/** The texts of questions, on the server. */
export async function quizLabels(): Promise<QuizLabels> {
  return labelsOf(await getTranslations('quiz'), QUIZ_KEYS, QUIZ_PLACES);
}

/** Questions one below the other, in a lesson. */
export async function Quiz({ questions }: { questions: readonly QuestionView[] }) {
  const t = await getTranslations('quiz');
  const labels = await quizLabels();
  return (
    <section className={styles.quiz} aria-label={t('title')}>
      {questions.map((question) => (
        <QuestionItem key={question.id} question={question} labels={labels} />
      ))}
    </section>
  );
}
