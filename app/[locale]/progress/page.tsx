import type { Metadata } from 'next';
import { getFormatter, getTranslations } from 'next-intl/server';
import { Bar, Status } from '#components/site/facts.tsx';
import { exerciseState, lessonState } from '#components/site/lesson-state.ts';
import { Page } from '#components/site/page.tsx';
import { PageHead } from '#components/site/page-head.tsx';
import { PracticeTable } from '#components/site/practice-table.tsx';
import { Table } from '#components/site/table.tsx';
import { findExercise, getCatalog } from '#course/catalog.ts';
import { localeOf } from '#i18n/routing.ts';
import { type AttemptSummary, listAttempts } from '#server/list-attempts.ts';
import { readViewer } from '#server/read-viewer.ts';
import styles from './progress.module.css';

interface ProgressProps {
  params: Promise<{ locale: string }>;
}

const SHOWN_ATTEMPTS = 20;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('progress'))('title') };
}

export default async function ProgressPage({ params }: ProgressProps) {
  const locale = localeOf((await params).locale);
  const t = await getTranslations('progress');
  const site = await getTranslations('site');
  const home = await getTranslations('home');
  const practice = await getTranslations('practice');
  const { lessons, exercises } = getCatalog();
  const { learner, progress, away } = await readViewer();
  const attempts = away ? [] : await listAttempts(learner, undefined, SHOWN_ATTEMPTS);
  const read = lessons.filter((lesson) => progress.lessons[lesson.id]?.completed).length;
  return (
    <Page away={away}>
      <PageHead title={t('title')} lead={t('lead')} />
      <div className={styles.columns}>
        <section aria-labelledby="lessons">
          <h2 id="lessons">{t('lessons')}</h2>
          <Bar
            done={read}
            total={lessons.length}
            label={home('moduleProgress', { done: read, total: lessons.length })}
          />
          <ul className={styles.list}>
            {lessons.map((lesson) => {
              const state = lessonState(progress, lesson.id);
              const label =
                state === 'started'
                  ? t('percentRead', { percent: progress.lessons[lesson.id]?.percent ?? 0 })
                  : state === 'done'
                    ? t('read')
                    : site('new');
              return (
                <li key={lesson.id}>
                  <a href={`/${locale}/lessons/${lesson.id}`}>{lesson.title[locale]}</a>
                  <Status state={state} label={label} />
                </li>
              );
            })}
          </ul>
        </section>
        <section aria-labelledby="exercises">
          <h2 id="exercises">{t('exercises')}</h2>
          <Bar
            {...solved(
              exercises.map((e) => e.exercise.id),
              progress,
              t,
            )}
          />
          <ul className={styles.list}>
            {exercises.map(({ exercise }) => {
              const state = exerciseState(progress, exercise.id);
              return (
                <li key={exercise.id}>
                  <a href={`/${locale}/exercises/${exercise.id}`}>{exercise.title[locale]}</a>
                  <Status
                    state={state}
                    label={state === 'done' ? site('solved') : state === 'started' ? site('started') : site('new')}
                  />
                </li>
              );
            })}
          </ul>
        </section>
      </div>
      <section className={styles.section} aria-labelledby="attempts">
        <h2 id="attempts">{t('attempts')}</h2>
        {attempts.length === 0 ? (
          <p className={styles.none}>{t('noAttempts')}</p>
        ) : (
          <Attempts attempts={attempts} locale={locale} />
        )}
      </section>
      <section className={styles.section} aria-labelledby="practice">
        <h2 id="practice">{practice('results')}</h2>
        <PracticeTable rounds={progress.practice} />
      </section>
    </Page>
  );
}

function solved(
  ids: string[],
  progress: Awaited<ReturnType<typeof readViewer>>['progress'],
  t: (key: 'solvedOf', values: { done: number; total: number }) => string,
) {
  const done = ids.filter((id) => progress.exercises[id]?.passed).length;
  return { done, total: ids.length, label: t('solvedOf', { done, total: ids.length }) };
}

async function Attempts({ attempts, locale }: { attempts: AttemptSummary[]; locale: 'en' | 'zh-TW' }) {
  const t = await getTranslations('progress');
  const format = await getFormatter();
  const result = (attempt: AttemptSummary): string => {
    if (attempt.status !== 'graded') return t('couldNotCheck');
    return attempt.passed ? t('passed') : t('partly', { percent: Math.round(attempt.score * 100) });
  };
  return (
    <Table
      head={[t('when'), t('exercise'), t('result'), t('lines')]}
      rows={attempts.map((attempt) => ({
        key: attempt.id,
        cells: [
          <time key="when" dateTime={attempt.createdAt}>
            {format.dateTime(new Date(attempt.createdAt), { dateStyle: 'medium', timeStyle: 'short' })}
          </time>,
          findExercise(attempt.exercise)?.title[locale] ?? attempt.exercise,
          result(attempt),
          attempt.lines,
        ],
      }))}
    />
  );
}
