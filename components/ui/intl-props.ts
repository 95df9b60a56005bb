import type { AbstractIntlMessages } from 'next-intl';
import { getLocale, getMessages } from 'next-intl/server';
import type { IntlProps } from './intl-island.tsx';

/** On the server: the locale and these namespaces of its messages, for an {@link import('./intl-island.tsx').IntlIsland}. */
export async function intlProps(namespaces: readonly string[]): Promise<IntlProps> {
  const [locale, all] = await Promise.all([getLocale(), getMessages()]);
  const messages = Object.fromEntries(
    namespaces.flatMap((name) => (name in all ? [[name, all[name]]] : [])),
  ) as AbstractIntlMessages;
  return { locale, messages };
}
