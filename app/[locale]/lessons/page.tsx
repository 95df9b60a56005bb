import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { Bar } from '#components/site/facts.tsx';
import { LessonList } from '#components/site/lesson-list.tsx';
import { Page } from '#components/site/page.tsx';
import { PageHead } from '#components/site/page-head.tsx';
import { getCatalog } from '#course/catalog.ts';
import { localeOf } from '#i18n/routing.ts';
import { readViewer } from '#server/read-viewer.ts';
import styles from './lessons.module.css';

interface LessonsProps {
  params: Promise<{ locale: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('lessons'))('title') };
}

export default async function Lessons({ params }: LessonsProps) {
  const locale = localeOf((await params).locale);
  const t = await getTranslations('lessons');
  const home = await getTranslations('home');
  const { modules, lessons } = getCatalog();
  const { progress, away } = await readViewer();
  return (
    <Page away={away}>
      <PageHead title={t('title')} lead={t('lead')} />
      {modules.length === 0 ? <p>{t('empty')}</p> : null}
      {modules.map((module) => {
        const own = lessons.filter((lesson) => lesson.module === module.id);
        const done = own.filter((lesson) => progress.lessons[lesson.id]?.completed).length;
        return (
          <section key={module.id} className={styles.module} aria-labelledby={module.id}>
            <h2 id={module.id}>{module.title[locale]}</h2>
            <p className={styles.summary}>{module.summary[locale]}</p>
            <Bar done={done} total={own.length} label={home('moduleProgress', { done, total: own.length })} />
            <LessonList lessons={own} locale={locale} progress={progress} />
          </section>
        );
      })}
    </Page>
  );
}
