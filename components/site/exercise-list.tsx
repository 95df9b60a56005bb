import { getTranslations } from 'next-intl/server';
import type { Exercise } from '#grade/schema.ts';
import type { AppLocale } from '#i18n/routing.ts';
import { Facts, Status } from './facts.tsx';
import { InlineText } from './inline-text.tsx';
import { exerciseState } from './lesson-state.ts';
import styles from './list.module.css';
import type { ProgressView } from './views.ts';

interface ExerciseListProps {
  exercises: readonly Exercise[];
  locale: AppLocale;
  progress: ProgressView;
}

/** Exercises as cards, each with its state. */
export async function ExerciseList({ exercises, locale, progress }: ExerciseListProps) {
  const t = await getTranslations('site');
  const words = await getTranslations('exercises');
  return (
    <ul className={styles.cards}>
      {exercises.map((exercise) => {
        const state = exerciseState(progress, exercise.id);
        const known = progress.exercises[exercise.id];
        return (
          <li key={exercise.id} className={styles.card}>
            <p className={styles.kind}>{words(exercise.kind)}</p>
            <h3 className={styles.title}>
              <a href={`/${locale}/exercises/${exercise.id}`}>{exercise.title[locale]}</a>
            </h3>
            <p className={styles.summary}>
              <InlineText>{exercise.summary[locale]}</InlineText>
            </p>
            <div className={styles.foot}>
              <Facts level={exercise.level} minutes={exercise.minutes} />
              <Status
                state={state}
                label={
                  state === 'done'
                    ? t('solved')
                    : state === 'new'
                      ? t('new')
                      : words('best', { percent: Math.round((known?.best ?? 0) * 100) })
                }
              />
            </div>
          </li>
        );
      })}
    </ul>
  );
}
