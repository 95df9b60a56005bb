import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { ExerciseWorkspace } from '#components/exercise/exercise-workspace.tsx';
import { viewExercise } from '#components/exercise/types.ts';
import { lessonComponents } from '#components/lesson/lesson-components.tsx';
import { Facts, Status } from '#components/site/facts.tsx';
import { exerciseState } from '#components/site/lesson-state.ts';
import { Mdx } from '#components/site/mdx.tsx';
import { Page } from '#components/site/page.tsx';
import { findExercise, findLesson } from '#course/catalog.ts';
import { loadExercise, slugOf } from '#course/load-mdx.ts';
import { drawExercise, drawValues, fillDrawn } from '#grade/draw.ts';
import { localeOf } from '#i18n/routing.ts';
import { readViewer } from '#server/read-viewer.ts';
import styles from './exercise.module.css';

interface ExerciseProps {
  params: Promise<{ locale: string; slug: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** The variant asked for in the address, when the exercise has variants; otherwise the author's. */
function seedOf(asked: string | string[] | undefined, authored: number): number {
  return typeof asked === 'string' && /^\d{1,9}$/.test(asked) ? Number(asked) : authored;
}

export async function generateMetadata({ params }: ExerciseProps): Promise<Metadata> {
  const { locale, slug } = await params;
  const exercise = findExercise(slug);
  return exercise ? { title: exercise.title[localeOf(locale)], description: exercise.summary[localeOf(locale)] } : {};
}

export default async function ExercisePage({ params, searchParams }: ExerciseProps) {
  const { locale: wanted, slug } = await params;
  const locale = localeOf(wanted);
  const loaded = await loadExercise(slug, locale);
  if (!loaded) notFound();
  const t = await getTranslations('exercise');
  const words = await getTranslations('exercises');
  const site = await getTranslations('site');
  const { progress, away } = await readViewer();
  const { exercise: authored, code } = loaded;
  const varies = Object.keys(authored.scene.draw).length > 0;
  const seed = varies ? seedOf((await searchParams).seed, authored.scene.seed) : authored.scene.seed;
  const exercise = drawExercise(authored, seed);
  const solution = fillDrawn(loaded.solution, drawValues(authored, seed));
  const lesson = exercise.lesson ? findLesson(exercise.lesson) : null;
  return (
    <Page away={away} wide>
      <div className={styles.head}>
        <h1>{exercise.title[locale]}</h1>
        <p className={styles.facts}>
          <Facts level={exercise.level} minutes={exercise.minutes} note={words(exercise.kind)} />
          {exerciseState(progress, exercise.id) === 'done' ? <Status state="done" label={site('solved')} /> : null}
          {lesson ? <a href={`/${locale}/lessons/${lesson.id}`}>{t('lesson')}</a> : null}
          {varies ? (
            <a href={`/${locale}/exercises/${exercise.id}?seed=${seed + 1}`}>{t('variant', { seed })}</a>
          ) : null}
        </p>
      </div>
      <ExerciseWorkspace
        key={seed}
        exercise={viewExercise(exercise, solution, locale)}
        task={<Mdx code={code} components={lessonComponents({ questions: () => [], slugOf })} />}
      />
    </Page>
  );
}
