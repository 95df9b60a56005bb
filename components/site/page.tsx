import { getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import styles from './page.module.css';

/** The frame of a page. `away` says that progress could not be read. */
export async function Page({ children, away = false }: { children: ReactNode; away?: boolean }) {
  const t = await getTranslations('site');
  return (
    <div className={styles.page}>
      {away ? <p className={styles.notice} role="status">{t('away')}</p> : null}
      {children}
    </div>
  );
}
