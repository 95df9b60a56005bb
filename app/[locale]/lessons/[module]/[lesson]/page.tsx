import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { lessonComponents } from '#components/lesson/lesson-components.tsx';
import { viewQuestion } from '#components/quiz/question.ts';
import { ExerciseList } from '#components/site/exercise-list.tsx';
import { Facts } from '#components/site/facts.tsx';
import { InlineText } from '#components/site/inline-text.tsx';
import { LessonReading } from '#components/site/lesson-reading.tsx';
import { Mdx } from '#components/site/mdx.tsx';
import { Page } from '#components/site/page.tsx';
import { findExercise, findLesson, findQuestions } from '#course/catalog.ts';
import { type LoadedLesson, loadLesson, slugOf } from '#course/load-mdx.ts';
import { type AppLocale, localeOf } from '#i18n/routing.ts';
import { readViewer } from '#server/read-viewer.ts';
import styles from './lesson.module.css';

interface LessonProps {
  params: Promise<{ locale: string; module: string; lesson: string }>;
}

export async function generateMetadata({ params }: LessonProps): Promise<Metadata> {
  const { locale, module, lesson } = await params;
  const info = findLesson(`${module}/${lesson}`);
  return info ? { title: info.title[localeOf(locale)], description: info.summary[localeOf(locale)] } : {};
}

export default async function Lesson({ params }: LessonProps) {
  const { locale: wanted, module, lesson: name } = await params;
  const locale = localeOf(wanted);
  const lesson = await loadLesson(`${module}/${name}`, locale);
  if (!lesson) notFound();
  const t = await getTranslations('lesson');
  const { progress, away } = await readViewer();
  const { info } = lesson;
  const exercises = info.exercises.map(findExercise).filter((exercise) => exercise !== null);
  return (
    <Page away={away}>
      <div className={styles.layout}>
        <article className={styles.article}>
          <header className={styles.head}>
            <h1>{info.title[locale]}</h1>
            <p className={styles.summary}>
              <InlineText>{info.summary[locale]}</InlineText>
            </p>
            <Facts level={info.level} minutes={info.minutes} />
            {info.locales.includes(locale) ? null : <p>{t('notTranslated')}</p>}
          </header>
          <section className={styles.objectives} aria-labelledby="objectives">
            <h2 id="objectives">{t('objectives')}</h2>
            <ul>
              {info.objectives[locale].map((objective) => (
                <li key={objective}>
                  <InlineText>{objective}</InlineText>
                </li>
              ))}
            </ul>
          </section>
          <div className={styles.prose}>
            <Mdx
              code={lesson.code}
              components={lessonComponents({
                questions: (ids) => findQuestions(ids).map((question) => viewQuestion(question, locale)),
                slugOf,
              })}
            />
          </div>
          <LessonReading
            lesson={info.id}
            completed={progress.lessons[info.id]?.completed ?? false}
            labels={{ complete: t('complete'), completed: t('completed'), kept: t('kept') }}
          />
          {exercises.length > 0 ? (
            <section className={styles.after} aria-labelledby="practise">
              <h2 id="practise">{t('exercises')}</h2>
              <ExerciseList exercises={exercises} locale={locale} progress={progress} />
            </section>
          ) : null}
          <section className={styles.after} aria-labelledby="sources">
            <h2 id="sources">{t('sources')}</h2>
            <ul className={styles.sources}>
              {info.sources.map((source) => (
                <li key={source}>{source}</li>
              ))}
            </ul>
          </section>
          <Neighbours lesson={lesson} locale={locale} />
        </article>
        <Contents lesson={lesson} />
      </div>
    </Page>
  );
}

async function Contents({ lesson }: { lesson: LoadedLesson }) {
  const t = await getTranslations('lesson');
  return (
    <nav className={styles.contents} aria-label={t('onThisPage')}>
      <p>{t('onThisPage')}</p>
      <ol>
        {lesson.headings
          .filter(({ depth }) => depth === 2)
          .map(({ text, slug }) => (
            <li key={slug}>
              <a href={`#${slug}`}>{text}</a>
            </li>
          ))}
      </ol>
    </nav>
  );
}

async function Neighbours({ lesson: { previous, next }, locale }: { lesson: LoadedLesson; locale: AppLocale }) {
  const t = await getTranslations('lesson');
  return (
    <nav className={styles.neighbours} aria-label={t('pages')}>
      {previous ? (
        <a href={`/${locale}/lessons/${previous.id}`} rel="prev">
          <span>{t('previous')}</span>
          {previous.title[locale]}
        </a>
      ) : null}
      {next ? (
        <a href={`/${locale}/lessons/${next.id}`} rel="next">
          <span>{t('next')}</span>
          {next.title[locale]}
        </a>
      ) : null}
    </nav>
  );
}
