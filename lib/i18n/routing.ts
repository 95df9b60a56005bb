/** Languages of the interface. A new one is a file in messages/ and a line here. */
import { defineRouting } from 'next-intl/routing';

export const routing = defineRouting({ locales: ['en', 'zh-TW'], defaultLocale: 'en', localePrefix: 'always' });

export type AppLocale = (typeof routing.locales)[number];

/** The locale in a route's parameter; the default one when it is unknown. */
export const localeOf = (value: string | undefined): AppLocale =>
  routing.locales.find((locale) => locale === value) ?? routing.defaultLocale;
