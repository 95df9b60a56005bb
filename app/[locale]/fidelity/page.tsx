import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { InlineText } from '#components/site/inline-text.tsx';
import { Page } from '#components/site/page.tsx';
import { PageHead } from '#components/site/page-head.tsx';
import { Table } from '#components/site/table.tsx';
import { readDifferences, readFigures, readFuzz } from '#course/fidelity.ts';
import { localeOf } from '#i18n/routing.ts';
import styles from './fidelity.module.css';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('fidelity'))('title') };
}

const percent = (matched: number, total: number): string => `${((100 * matched) / total).toFixed(2)} %`;

/** What was compared with the real kernel, and where the model is known to differ. */
export default async function Fidelity({ params }: { params: Promise<{ locale: string }> }) {
  const t = await getTranslations('fidelity');
  const locale = localeOf((await params).locale);
  const { recordings, commands, tools } = readFigures();
  return (
    <Page>
      <PageHead title={t('title')} lead={t('lead')} />
      <div className={styles.text}>
        <p>
          {t('recordings', {
            matched: recordings.matched,
            total: recordings.total,
            commands: commands.matched,
            steps: commands.total,
          })}
        </p>
        <p>{t('fuzz', readFuzz())}</p>
        <p>
          <a href={`/${locale}/commands`}>{t('commandsLink')}</a>
        </p>
      </div>
      <h2 className={styles.heading}>{t('differences')}</h2>
      <p className={styles.text}>{t('differencesLead')}</p>
      <dl className={styles.differences}>
        {readDifferences().map(({ topic, what }) => (
          <div key={topic.en}>
            <dt>{topic[locale]}</dt>
            <dd>
              <InlineText>{what[locale]}</InlineText>
            </dd>
          </div>
        ))}
      </dl>
      <h2 className={styles.heading}>{t('byTool')}</h2>
      <Table
        head={[t('tool'), t('matched'), t('share')]}
        rows={tools.map(({ name, matched, total }) => ({
          key: name,
          cells: [<code key="name">{name}</code>, `${matched} / ${total}`, percent(matched, total)],
        }))}
      />
    </Page>
  );
}
