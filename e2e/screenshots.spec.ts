/** Pictures for docs/: `FLATNET_SCREENSHOTS=1 npm test -- e2e -- screenshots`. Skipped otherwise. */
import { expect, test } from './fixtures.ts';
import { focusTerminal, type Locale, run, words } from './terminal.ts';

const FOLDER = 'docs/screenshots';
const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

test.skip(process.env.FLATNET_SCREENSHOTS !== '1', 'only when FLATNET_SCREENSHOTS=1');

for (const locale of ['en', 'zh-TW'] satisfies Locale[]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [device, viewport] of Object.entries(SIZES)) {
      test(`${locale}, ${colorScheme}, ${device}`, async ({ browser, watch: _ }) => {
        test.setTimeout(120_000);
        const phone = device === 'phone';
        const context = await browser.newContext({
          viewport,
          colorScheme,
          hasTouch: phone,
          isMobile: phone,
          reducedMotion: 'reduce',
        });
        const page = await context.newPage();
        const w = words(locale);
        const shoot = async (name: string): Promise<void> => {
          await page.screenshot({
            path: `${FOLDER}/${name}-${viewport.width}-${colorScheme}-${locale}.png`,
            animations: 'disabled',
          });
        };
        await page.goto(`/${locale}`);
        await shoot('home');

        await page.goto(`/${locale}/lessons/foundations/network-model`);
        const predict = page.getByRole('region', { name: w.predict.title });
        await predict.getByRole('radio', { name: '64' }).check();
        await predict.getByRole('button', { name: w.quiz.check }).click();
        await predict.getByRole('button', { name: w.terminal.open }).click();
        const terminal = page.getByRole('region', { name: w.terminal.title });
        const ping = 'kubectl exec -it pod-a -- ping -c 2 10.244.1.6';
        const summary = '2 packets transmitted, 2 received';
        if (phone) {
          await expect(page.getByRole('log')).toContainText(':~#', { timeout: 20_000 });
          await page.getByRole('tab', { name: 'control-plane' }).tap();
          const input = terminal.getByRole('textbox');
          await input.fill(ping);
          await input.press('Enter');
          await expect(page.getByRole('log')).toContainText(summary, { timeout: 20_000 });
        } else {
          await page.getByRole('tab', { name: 'control-plane' }).click();
          await focusTerminal(terminal, 'control-plane');
          await run(page, terminal, ping, summary);
        }
        await terminal.scrollIntoViewIfNeeded();
        await shoot('lesson');

        await page.goto(`/${locale}/exercises/missing-route`);
        if (phone) {
          await expect(page.getByRole('log')).toContainText('root@node1:~#', { timeout: 20_000 });
          const input = page.getByRole('region', { name: w.terminal.title }).getByRole('textbox');
          await input.fill('ip route show');
          await input.press('Enter');
        } else {
          await focusTerminal(page, 'node1');
          await run(page, page, 'ip route show', 'flannel.1 onlink');
        }
        await page.getByRole('button', { name: w.exercise.submit }).click();
        await page.getByRole('button', { name: w.exercise.showPacket }).first().click();
        await expect(page.getByRole('list', { name: w.path.steps }).first()).toBeVisible();
        if (phone) await page.getByRole('region', { name: w.path.title }).first().scrollIntoViewIfNeeded();
        else await page.evaluate(() => scrollTo(0, 0));
        await shoot('exercise');

        await page.goto(`/${locale}/practice`);
        await page.getByRole('button', { name: w.practice.start }).click();
        const radio = page.getByRole('radio').first();
        if (await radio.isVisible()) {
          await radio.check();
          await page.getByRole('button', { name: w.quiz.check }).click();
        }
        await shoot('quiz');
        await context.close();
      });
    }
  }
}
