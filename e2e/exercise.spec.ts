/** An exercise: failed first, with the packet that did not arrive; then solved; and there again after a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, expectNoSideways, test } from './fixtures.ts';
import { freePort, startServer } from './server.ts';
import { focusTerminal, type Locale, run, words } from './terminal.ts';

const FIX = 'ip route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink';
const status = (page: Page) => page.locator('p[role=status][data-tone]');

for (const locale of ['en', 'zh-TW'] satisfies Locale[]) {
  test(`fail, look, solve, and find it again after a restart (${locale})`, async ({ page }) => {
    test.setTimeout(120_000);
    const w = words(locale);
    const folder = mkdtempSync(join(tmpdir(), 'flatnet-journey-'));
    const port = await freePort();
    let server = await startServer(port, { FLATNET_DATA: folder });
    await page.goto(`${server.url}/${locale}/exercises/missing-route`);
    const terminal = page.getByRole('region', { name: w.terminal.title });
    await focusTerminal(terminal, 'node1');
    await run(page, terminal, 'ip route get 10.244.2.5', 'via 192.168.56.1');

    await page.getByRole('button', { name: w.exercise.submit }).click();
    await expect(status(page)).toHaveAttribute('data-tone', /part|bad/);
    await page.getByRole('button', { name: w.exercise.showPacket }).first().click();
    await expect(page.getByRole('list', { name: w.path.steps }).first()).toContainText('node1');

    await focusTerminal(terminal, 'node1');
    await run(page, terminal, FIX, 'onlink');
    await run(page, terminal, 'ip route show 10.244.2.0/24', '10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink');
    await page.keyboard.press('Control+Enter');
    await expect(status(page)).toHaveText(w.exercise.passed);

    await server.stop();
    server = await startServer(port, { FLATNET_DATA: folder });
    await page.goto(`${server.url}/${locale}/progress`);
    await expect(page.getByRole('table').first().getByRole('row')).toHaveCount(3);
    await expect(page.getByRole('table').first()).toContainText(w.progress.passed);
    // What was typed is there too.
    await page.goto(`${server.url}/${locale}/exercises/missing-route`);
    await expect(page.getByText(w.site.solved)).toBeVisible();
    await expect(page.locator('.xterm-rows').filter({ visible: true })).toContainText(FIX);
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
}

test('what is submitted while the server is away is sent later, once', async ({ page, context, watch }) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED/);
  const w = words('en');
  await page.goto('/en/exercises/missing-route');
  const terminal = page.getByRole('region', { name: w.terminal.title });
  await focusTerminal(terminal, 'node1');
  await run(page, terminal, FIX, 'onlink');
  await context.setOffline(true);
  await page.getByRole('button', { name: w.exercise.submit }).click();
  await expect(status(page)).toContainText('kept in this browser');
  await context.setOffline(false);
  await expect(status(page)).toHaveText(w.exercise.passed);
  const { attempts } = (await (await page.request.get('/api/attempts')).json()) as { attempts: { passed: boolean }[] };
  expect(attempts.map((attempt) => attempt.passed)).toEqual([true]);
});

test('on a phone, in the plain view, with its key bar', async ({ browser, watch: _ }) => {
  const w = words('en');
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    locale: 'en-US',
  });
  const page = await context.newPage();
  await page.goto('/en/exercises/missing-route');
  const input = page.getByRole('textbox', { name: w.terminal.command });
  await expect(page.getByRole('log')).toContainText('root@node1:~#', { timeout: 20_000 });
  for (const line of [FIX, 'ip route show 10.244.2.0/24']) {
    await input.fill(line);
    await input.press('Enter');
  }
  await expect(page.getByRole('log')).toContainText('10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink');
  await page.getByRole('group', { name: w.terminal.keys }).getByRole('button', { name: w.terminal.older }).tap();
  await expect(input).toHaveValue('ip route show 10.244.2.0/24');
  await expectNoSideways(page);
  await page.getByRole('button', { name: w.exercise.submit }).tap();
  await expect(status(page)).toHaveText(w.exercise.passed);
  await context.close();
});

test('by keyboard alone: into the terminal, out of it, and to the verdict', async ({ page }) => {
  const w = words('en');
  await page.goto('/en/exercises/missing-route');
  await expect(page.locator('.xterm-rows').filter({ visible: true })).toContainText('root@node1:~#', {
    timeout: 20_000,
  });
  const inTerminal = () =>
    page.evaluate(() => document.activeElement?.classList.contains('xterm-helper-textarea') ?? false);
  for (let presses = 0; presses < 60 && !(await inTerminal()); presses++) await page.keyboard.press('Tab');
  expect(await inTerminal()).toBe(true);
  await page.keyboard.type(FIX);
  await page.keyboard.press('Enter');
  await expect(page.locator('.xterm-rows').filter({ visible: true })).toContainText('onlink');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+Tab');
  expect(await inTerminal()).toBe(false);
  await page.keyboard.press('Control+Enter');
  await expect(status(page)).toHaveText(w.exercise.passed);
});
