'use client';
import { useTranslations } from 'next-intl';
import type { Submission } from './use-submission.ts';
import styles from './workspace.module.css';

/** What became of the last attempt, in one line. */
export function VerdictLine({ submission }: { submission: Submission }) {
  const t = useTranslations('exercise');
  const { tone, text } = say();
  return (
    <p role="status" className={styles.verdict} data-tone={tone}>
      {text}
    </p>
  );

  function say(): { tone: 'none' | 'info' | 'ok' | 'part' | 'bad'; text: string } {
    switch (submission.kind) {
      case 'none':
        return { tone: 'none', text: '' };
      case 'sending':
        return { tone: 'info', text: t('sending') };
      case 'waiting':
        return { tone: 'info', text: submission.kept ? t(`waiting.${submission.reason}`) : t('waiting.unkept') };
      case 'refused':
        return { tone: 'bad', text: t('refused', { status: submission.status, message: submission.message }) };
      case 'verdict': {
        const { verdict } = submission;
        if (verdict.status === 'could-not-check')
          return { tone: 'info', text: t('couldNotCheck', { reason: verdict.reason }) };
        if (verdict.passed) return { tone: 'ok', text: t('passed') };
        const won = verdict.checks.filter((c) => c.passed).length;
        return {
          tone: won > 0 ? 'part' : 'bad',
          text: t('partly', { percent: Math.round(verdict.score * 100), won, all: verdict.checks.length }),
        };
      }
    }
  }
}
