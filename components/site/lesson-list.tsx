import { getTranslations } from 'next-intl/server';
import type { AppLocale } from '#i18n/routing.ts';
import { Facts, Status } from './facts.tsx';
import { InlineText } from './inline-text.tsx';
import { lessonState } from './lesson-state.ts';
import styles from './list.module.css';
import type { LessonView, ProgressView } from './views.ts';

interface LessonListProps {
  lessons: readonly LessonView[];
  locale: AppLocale;
  progress: ProgressView;
  /** Level of the titles. */
  heading?: 'h2' | 'h3' | 'h4';
}

/** Lessons in order, each with how far it is read. */
export async function LessonList({ lessons, locale, progress, heading: Heading = 'h3' }: LessonListProps) {
  const t = await getTranslations('site');
  return (
    <ol className={styles.list}>
      {lessons.map((lesson) => {
        const state = lessonState(progress, lesson.id);
        return (
          <li key={lesson.id} className={styles.row}>
            <div>
              <Heading className={styles.title}>
                <a href={`/${locale}/lessons/${lesson.id}`}>{lesson.title[locale]}</a>
              </Heading>
              <p className={styles.summary}>
                <InlineText>{lesson.summary[locale]}</InlineText>
              </p>
              <Facts level={lesson.level} minutes={lesson.minutes} />
            </div>
            <Status state={state} label={t(state)} />
          </li>
        );
      })}
    </ol>
  );
}
