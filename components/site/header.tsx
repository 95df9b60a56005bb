import { getTranslations } from 'next-intl/server';
import type { AppLocale } from '#i18n/routing.ts';
import styles from './header.module.css';
import { Logo } from './logo.tsx';
import type { Theme } from './theme.ts';
import { ThemeSwitch } from './theme-switch.tsx';

const SECTIONS = ['lessons', 'exercises', 'practice', 'progress', 'commands'] as const;

interface HeaderProps {
  locale: AppLocale;
  /** The page's path, with its locale. */
  path: string;
  theme: Theme | null;
}

/** The same path in the other language. */
const otherLanguage = (locale: AppLocale, path: string): string =>
  `/${locale === 'en' ? 'zh-TW' : 'en'}${path.replace(/^\/[^/]+/, '')}`;

export async function Header({ locale, path, theme }: HeaderProps) {
  const t = await getTranslations('site');
  const links = SECTIONS.map((section) => {
    const href = `/${locale}/${section}`;
    return (
      <a
        key={section}
        href={href}
        className={styles.link}
        aria-current={path === href ? 'page' : path.startsWith(`${href}/`) ? 'true' : undefined}
      >
        {t(section)}
      </a>
    );
  });
  return (
    <header className={styles.header}>
      <div className={styles.inner}>
        <a href={`/${locale}`} className={styles.brand} aria-label={t('home')}>
          <Logo />
          <span>Flatnet</span>
        </a>
        <nav className={styles.nav} aria-label={t('nav')}>
          {links}
        </nav>
        <div className={styles.tools}>
          <a
            href={otherLanguage(locale, path)}
            hrefLang={locale === 'en' ? 'zh-TW' : 'en'}
            lang={locale === 'en' ? 'zh-TW' : 'en'}
            className={styles.language}
            title={t('languageHelp')}
          >
            {t('language')}
          </a>
          <ThemeSwitch
            theme={theme}
            labels={{ system: t('themeSystem'), light: t('themeLight'), dark: t('themeDark') }}
          />
        </div>
      </div>
    </header>
  );
}
