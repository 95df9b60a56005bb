import { getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import styles from './page.module.css';

interface PageProps {
  children: ReactNode;
  /** Progress could not be read. */
  away?: boolean;
  /** For work that needs room: terminals beside a text. */
  wide?: boolean;
}

/** The frame of a page. */
export async function Page({ children, away = false, wide = false }: PageProps) {
  const t = await getTranslations('site');
  return (
    <div className={styles.page} data-wide={wide || undefined}>
      {away ? (
        <p className={styles.notice} role="status">
          {t('away')}
        </p>
      ) : null}
      {children}
    </div>
  );
}
