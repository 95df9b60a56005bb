/** Which messages a request gets. */
import { getRequestConfig } from 'next-intl/server';
import { type AppLocale, localeOf } from './routing.ts';

const messages: Record<AppLocale, () => Promise<{ default: Record<string, unknown> }>> = {
  en: () => import('./messages/en.json'),
  'zh-TW': () => import('./messages/zh-TW.json'),
};

export default getRequestConfig(async ({ requestLocale }) => {
  const locale = localeOf(await requestLocale);
  return { locale, messages: (await messages[locale]()).default, timeZone: 'UTC' };
});
