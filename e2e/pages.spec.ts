/** Every page, in both languages: there, accessible in both themes, and not wider than a phone. */
import AxeBuilder from '@axe-core/playwright';
import { expect, expectNoSideways, test } from './fixtures.ts';

const PATHS = [
  '',
  '/lessons',
  '/lessons/foundations/network-model',
  '/lessons/foundations/cni',
  '/lessons/plugins/flannel-vxlan',
  '/exercises',
  '/exercises/missing-route',
  '/exercises/bridge-by-hand',
  '/exercises/vxlan-port-dropped',
  '/exercises/forwarding-off',
  '/practice',
  '/progress',
  '/commands',
  '/fidelity',
];

for (const locale of ['en', 'zh-TW'] as const) {
  for (const path of PATHS) {
    test(`/${locale}${path}`, async ({ page }) => {
      const response = await page.goto(`/${locale}${path}`);
      expect(response?.status()).toBe(200);
      await expect(page.locator('html')).toHaveAttribute('lang', locale);
      await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(
          violations.map((v) => `${colorScheme} ${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join('; ')}`),
        ).toEqual([]);
      }
      for (const width of [390, 768, 1440]) {
        await page.setViewportSize({ width, height: 844 });
        await expectNoSideways(page);
      }
    });
  }
}

test('the first page follows the language that the browser asks for', async ({ browser }) => {
  for (const [locale, path] of [
    ['zh-TW', '/zh-TW'],
    ['de-DE', '/en'],
  ] as const) {
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    await page.goto('/');
    expect(new URL(page.url()).pathname).toBe(path);
    await context.close();
  }
});

test('the other language keeps the page', async ({ page }) => {
  await page.goto('/en/lessons/foundations/cni');
  await page.getByRole('link', { name: '中文' }).click();
  await expect(page).toHaveURL(/\/zh-TW\/lessons\/foundations\/cni$/);
  await page.getByRole('link', { name: 'English' }).click();
  await expect(page).toHaveURL(/\/en\/lessons\/foundations\/cni$/);
});

test('the theme that was chosen stays, without a flash', async ({ page }) => {
  await page.goto('/en');
  const html = page.locator('html');
  await page.getByRole('button', { name: 'Theme: as the system' }).click();
  await expect(html).toHaveAttribute('data-theme', 'light');
  await page.getByRole('button', { name: 'Theme: light' }).click();
  await expect(html).toHaveAttribute('data-theme', 'dark');
  const html2 = await (await page.request.get('/en/lessons')).text();
  expect(html2).toMatch(/<html lang="en" data-theme="dark"/);
  await page.reload();
  await page.getByRole('button', { name: 'Theme: dark' }).click();
  await expect(html).not.toHaveAttribute('data-theme');
});

test("an address that leads nowhere is answered in the reader's language, with 404", async ({ page, watch }) => {
  watch.allow(/404/);
  for (const [path, title] of [
    ['/zh-TW/nowhere', '沒有通往這一頁的路由'],
    ['/en/lessons/foundations/none', 'No route to this page'],
    ['/en/exercises/none', 'No route to this page'],
  ] as const) {
    const response = await page.goto(path);
    expect(response?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  }
});

test('no page may run scripts that it did not bring, nor be framed', async ({ page, watch }) => {
  watch.allow(/Executing inline event handler violates/);
  const response = await page.goto('/en');
  const policy = response?.headers()['content-security-policy'] ?? '';
  expect(policy).toMatch(/script-src 'nonce-[^']+' 'strict-dynamic';/);
  expect(policy).not.toContain('unsafe-eval');
  expect(policy).toContain("frame-ancestors 'none'");
  expect(response?.headers()['x-content-type-options']).toBe('nosniff');
  const blocked = page.evaluate(
    () =>
      new Promise<string>((resolve) =>
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective)),
      ),
  );
  await page.evaluate(() =>
    document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.evil = 1">'),
  );
  expect(await blocked).toBe('script-src-attr');
  expect(await page.evaluate(() => 'evil' in window)).toBe(false);
});

test('by keyboard: skip link, navigation, and a visible focus', async ({ page }) => {
  await page.goto('/en');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#content')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Start with the first lesson' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/en\/lessons\/foundations\/network-model$/);
});
