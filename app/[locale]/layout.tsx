import type { Metadata, Viewport } from 'next';
import { cookies, headers } from 'next/headers';
import { notFound } from 'next/navigation';
import { hasLocale } from 'next-intl';
import { getTranslations } from 'next-intl/server';
import type { ReactNode } from 'react';
import { OutboxFlusher } from '#components/outbox/outbox-flusher.tsx';
import { Footer } from '#components/site/footer.tsx';
import { Header } from '#components/site/header.tsx';
import { isTheme, THEME_COOKIE } from '#components/site/theme.ts';
import { routing } from '#i18n/routing.ts';
import '../globals.css';
import '../base.css';

interface LayoutProps {
  children: ReactNode;
  params: Promise<{ locale: string }>;
}

export const viewport: Viewport = {
  themeColor: [{ media: '(prefers-color-scheme: dark)', color: '#0c1016' }, { color: '#f6f7f9' }],
};

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('meta');
  return { title: { default: t('title'), template: '%s · Flatnet' }, description: t('description') };
}

export default async function LocaleLayout({ children, params }: LayoutProps) {
  const { locale } = await params;
  if (!hasLocale(routing.locales, locale)) notFound();
  const t = await getTranslations('site');
  const theme = (await cookies()).get(THEME_COOKIE)?.value;
  const path = (await headers()).get('x-flatnet-path') ?? `/${locale}`;
  return (
    <html lang={locale} data-theme={isTheme(theme) ? theme : undefined}>
      <body>
        <a className="skip" href="#content">
          {t('skip')}
        </a>
        <Header locale={locale} path={path} theme={isTheme(theme) ? theme : null} />
        <main id="content" tabIndex={-1}>
          {children}
        </main>
        <Footer />
        <OutboxFlusher />
      </body>
    </html>
  );
}
