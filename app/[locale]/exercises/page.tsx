import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { ExerciseList } from '#components/site/exercise-list.tsx';
import { Page } from '#components/site/page.tsx';
import { PageHead } from '#components/site/page-head.tsx';
import { getCatalog } from '#course/catalog.ts';
import { localeOf } from '#i18n/routing.ts';
import { readViewer } from '#server/read-viewer.ts';

interface ExercisesProps {
  params: Promise<{ locale: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('exercises'))('title') };
}

export default async function Exercises({ params }: ExercisesProps) {
  const locale = localeOf((await params).locale);
  const t = await getTranslations('exercises');
  const exercises = getCatalog()
    .exercises.map((e) => e.exercise)
    .sort((a, b) => a.level - b.level || (a.id < b.id ? -1 : 1));
  const { progress, away } = await readViewer();
  return (
    <Page away={away}>
      <PageHead title={t('title')} lead={t('lead')} />
      {exercises.length === 0 ? <p>{t('empty')}</p> : null}
      <h2 className="only-spoken">{t('title')}</h2>
      <ExerciseList exercises={exercises} locale={locale} progress={progress} />
    </Page>
  );
}
