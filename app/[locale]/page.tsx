import { getTranslations } from 'next-intl/server';
import { ExerciseList } from '#components/site/exercise-list.tsx';
import { Bar } from '#components/site/facts.tsx';
import { HeroFigure } from '#components/site/hero-figure.tsx';
import { LessonList } from '#components/site/lesson-list.tsx';
import { lessonToContinue } from '#components/site/lesson-state.ts';
import { Page } from '#components/site/page.tsx';
import { getCatalog } from '#course/catalog.ts';
import { localeOf } from '#i18n/routing.ts';
import { readViewer } from '#server/read-viewer.ts';
import styles from './home.module.css';

interface HomeProps {
  params: Promise<{ locale: string }>;
}

const SHOWN_EXERCISES = 3;

export default async function Home({ params }: HomeProps) {
  const locale = localeOf((await params).locale);
  const t = await getTranslations('home');
  const { modules, lessons, exercises } = getCatalog();
  const { progress, away } = await readViewer();
  const next = lessonToContinue(lessons, progress);
  const begun = Object.keys(progress.lessons).length > 0;
  return (
    <Page away={away}>
      <section className={styles.hero}>
        <div>
          <h1 className={styles.title}>{t('title')}</h1>
          <p className={styles.lead}>{t('lead')}</p>
          <p className={styles.actions}>
            {next ? (
              <a className={styles.primary} href={`/${locale}/lessons/${next.id}`}>
                {begun ? t('continue', { title: next.title[locale] }) : t('start')}
              </a>
            ) : (
              <a className={styles.primary} href={`/${locale}/practice`}>
                {t('again')}
              </a>
            )}
            <a className={styles.secondary} href={`/${locale}/lessons`}>
              {t('browse')}
            </a>
          </p>
        </div>
        <HeroFigure label={t('figure')} />
      </section>
      <section aria-labelledby="modules" className={styles.section}>
        <h2 id="modules">{t('modules')}</h2>
        {modules.map((module) => {
          const own = lessons.filter((lesson) => lesson.module === module.id);
          const done = own.filter((lesson) => progress.lessons[lesson.id]?.completed).length;
          return (
            <div key={module.id} className={styles.module}>
              <div className={styles.about}>
                <h3>{module.title[locale]}</h3>
                <p>{module.summary[locale]}</p>
                <Bar done={done} total={own.length} label={t('moduleProgress', { done, total: own.length })} />
              </div>
              <LessonList lessons={own} locale={locale} progress={progress} heading="h4" />
            </div>
          );
        })}
      </section>
      <section aria-labelledby="exercises" className={styles.section}>
        <div className={styles.bar}>
          <h2 id="exercises">{t('exercises')}</h2>
          <a href={`/${locale}/exercises`}>{t('allExercises')}</a>
        </div>
        <ExerciseList
          exercises={exercises.slice(0, SHOWN_EXERCISES).map((e) => e.exercise)}
          locale={locale}
          progress={progress}
        />
      </section>
      <section aria-labelledby="how" className={styles.section}>
        <h2 id="how">{t('howTitle')}</h2>
        <dl className={styles.how}>
          {(['how1', 'how2', 'how3'] as const).map((key) => (
            <div key={key}>
              <dt>{t(`${key}Title`)}</dt>
              <dd>{t(key)}</dd>
            </div>
          ))}
        </dl>
      </section>
    </Page>
  );
}
