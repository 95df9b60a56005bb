import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { PracticeSession } from '#components/quiz/practice-session.tsx';
import { viewQuestion } from '#components/quiz/question.ts';
import { Page } from '#components/site/page.tsx';
import { PageHead } from '#components/site/page-head.tsx';
import { PracticeTable } from '#components/site/practice-table.tsx';
import { getCatalog } from '#course/catalog.ts';
import { localeOf } from '#i18n/routing.ts';
import { readViewer } from '#server/read-viewer.ts';
import styles from './practice.module.css';

interface PracticeProps {
  params: Promise<{ locale: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('practice'))('title') };
}

export default async function Practice({ params }: PracticeProps) {
  const locale = localeOf((await params).locale);
  const t = await getTranslations('practice');
  const names = await getTranslations('topics');
  const { questions } = getCatalog();
  const { progress, away } = await readViewer();
  const topics = [...new Set(questions.map((question) => question.topic))].map((id) => ({
    id,
    name: names.has(id) ? names(id) : id,
  }));
  return (
    <Page away={away}>
      <PageHead title={t('title')} lead={t('lead')} />
      <div className={styles.round}>
        <PracticeSession questions={questions.map((question) => viewQuestion(question, locale))} topics={topics} />
      </div>
      <section className={styles.results} aria-labelledby="results">
        <h2 id="results">{t('results')}</h2>
        <PracticeTable rounds={progress.practice} />
      </section>
    </Page>
  );
}
