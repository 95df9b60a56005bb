import { getTranslations } from 'next-intl/server';
import styles from './footer.module.css';

export async function Footer() {
  const t = await getTranslations('site');
  return (
    <footer className={styles.footer}>
      <p>{t('footer')}</p>
    </footer>
  );
}
