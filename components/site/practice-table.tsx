import { getFormatter, getTranslations } from 'next-intl/server';
import styles from './table.module.css';
import { Table } from './table.tsx';
import type { RoundView } from './views.ts';

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

/** Finished rounds of practice, newest first. */
export async function PracticeTable({ rounds }: { rounds: readonly RoundView[] }) {
  const t = await getTranslations('practice');
  const topics = await getTranslations('topics');
  const site = await getTranslations('site');
  const format = await getFormatter();
  if (rounds.length === 0) return <p className={styles.none}>{t('noResults')}</p>;
  const scope = ({ topic, level }: RoundView): string =>
    [
      topic === null ? t('anyTopic') : topics.has(topic) ? topics(topic) : topic,
      level === null ? null : site('level', { level }),
    ]
      .filter(Boolean)
      .join(' · ');
  return (
    <Table
      head={[t('when'), t('what'), t('score'), t('time')]}
      rows={rounds.map((round) => ({
        key: round.id,
        cells: [
          <time key="when" dateTime={round.createdAt}>
            {format.dateTime(new Date(round.createdAt), { dateStyle: 'medium', timeStyle: 'short' })}
          </time>,
          scope(round),
          `${round.correct} / ${round.asked}`,
          round.timeLimit === null
            ? clock(round.seconds)
            : t('ofTime', { used: clock(round.seconds), limit: clock(round.timeLimit) }),
        ],
      }))}
    />
  );
}
