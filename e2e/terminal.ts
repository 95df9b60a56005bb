/** What journeys do with a terminal, in its two views. */
import { expect, type Locator, type Page } from '@playwright/test';
import en from '../lib/i18n/messages/en.json' with { type: 'json' };
import zh from '../lib/i18n/messages/zh-TW.json' with { type: 'json' };

export type Locale = 'en' | 'zh-TW';

/** The interface's words: journeys find things by what the reader sees. */
export const words = (locale: Locale): typeof en => (locale === 'en' ? en : (zh as typeof en));

/** A text with its places filled. */
export const fill = (text: string, values: Record<string, string | number>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));

export const screenOf = (area: Page | Locator): Locator => area.locator('.xterm-rows').filter({ visible: true });

/** Waits for a prompt of `host` in the drawn terminal and gives it the keyboard. */
export async function focusTerminal(area: Page | Locator, host: string): Promise<void> {
  await expect(screenOf(area)).toContainText(`root@${host}:~#`, { timeout: 20_000 });
  await area.locator('.xterm').filter({ visible: true }).click();
}

/** Types a line and waits until what it should print has been printed. */
export async function run(page: Page, area: Page | Locator, line: string, prints: string | RegExp): Promise<void> {
  await page.keyboard.type(line);
  await page.keyboard.press('Enter');
  await expect(screenOf(area)).toContainText(prints, { timeout: 20_000 });
}
