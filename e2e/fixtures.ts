/** Every journey fails on a console error, an uncaught error, and a request that leaves the machine. */
import { test as base, expect, type Page } from '@playwright/test';

export { expect };

export interface Watch {
  /** A message of the browser's console that this journey provokes on purpose. */
  allow(pattern: RegExp): void;
}

const isLocal = (url: string): boolean => {
  const { protocol, hostname } = new URL(url);
  return protocol === 'data:' || protocol === 'blob:' || hostname === '127.0.0.1' || hostname === 'localhost';
};

export const test = base.extend<{ watch: Watch }>({
  watch: [
    async ({ context, page }, use) => {
      const allowed: RegExp[] = [];
      const faults: string[] = [];
      const note = (fault: string): void => {
        if (!allowed.some((pattern) => pattern.test(fault))) faults.push(fault);
      };
      context.on('request', (request) => {
        if (!isLocal(request.url())) note(`leaves the machine: ${request.url()}`);
      });
      context.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning')
          note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
      });
      context.on('weberror', (error) => note(`uncaught: ${error.error().message}`));
      await use({ allow: (pattern) => void allowed.push(pattern) });
      await page.close();
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});

/** Nothing sticks out to the side. */
export async function expectNoSideways(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
}
