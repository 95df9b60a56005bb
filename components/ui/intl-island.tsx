'use client';
import { type AbstractIntlMessages, NextIntlClientProvider } from 'next-intl';
import type { ReactNode } from 'react';

export interface IntlProps {
  locale: string;
  /** The namespaces that the island's components use. */
  messages: AbstractIntlMessages;
}

/** Gives messages to client components below. */
export function IntlIsland({ locale, messages, children }: IntlProps & { children: ReactNode }) {
  return (
    <NextIntlClientProvider locale={locale} messages={messages} timeZone="UTC">
      {children}
    </NextIntlClientProvider>
  );
}
