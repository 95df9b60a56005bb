/**
 * Figures, written to test-results/figures.json and not asserted as times: bytes of a lesson page beside an empty Next
 * page built in the same run, bytes and time to a prompt on a cold page.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { words } from './terminal.ts';

const gzipped = (body: Buffer): number => gzipSync(body, { level: 9 }).length;

/** Scripts that a page loads by itself, in gzipped bytes; those for browsers without modules are not fetched. */
async function scriptBytes(html: string, load: (path: string) => Promise<Buffer>): Promise<number> {
  const scripts = [...html.matchAll(/<script[^>]*\ssrc="([^"]+)"[^>]*>/g)]
    .filter(([tag]) => !/nomodule/i.test(tag))
    .map(([, src]) => src as string);
  const sizes = await Promise.all([...new Set(scripts)].map(async (src) => gzipped(await load(src))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Builds an empty page with the same Next, and weighs its scripts. */
async function emptyPageBytes(): Promise<number> {
  const folder = join('test-results', 'empty-app');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'app'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
  writeFileSync(
    join(folder, 'next.config.mjs'),
    `export default { turbopack: { root: ${JSON.stringify(process.cwd())} } };\n`,
  );
  writeFileSync(
    join(folder, 'app', 'layout.jsx'),
    'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }\n',
  );
  writeFileSync(join(folder, 'app', 'page.jsx'), 'export default function Page() { return <p>empty</p>; }\n');
  execFileSync(process.execPath, [join(process.cwd(), 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: folder,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
    stdio: 'pipe',
  });
  const html = readFileSync(join(folder, '.next/server/app/index.html'), 'utf8');
  return scriptBytes(html, async (src) =>
    readFileSync(join(folder, '.next', src.replace(/^\/_next\//, '').replace(/\?.*/, ''))),
  );
}

/** Gzipped bytes of the scripts that a page and its workers ask for before the moment that `until` answers. */
async function bytesUntil(page: Page, until: () => Promise<number>): Promise<number> {
  const asked = new Map<string, number>();
  const bodies = new Map<string, Promise<number>>();
  page.on('request', (request) => void asked.set(request.url(), asked.get(request.url()) ?? Date.now()));
  page.on('response', (response) => {
    if (/\.js(\?|$)/.test(response.url()))
      bodies.set(
        response.url(),
        response.body().then(gzipped, () => 0),
      );
  });
  const moment = await until();
  const sizes = [...bodies].filter(([url]) => (asked.get(url) ?? 0) <= moment).map(([, size]) => size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** When the first prompt stands on the page, by its own clock. */
const promptShown = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = (): void => {
          if (document.querySelector('[role="tabpanel"]')?.textContent?.includes(':~#')) resolve(Date.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
  );

test('figures of pages and of the prompt', async ({ page, baseURL }) => {
  test.setTimeout(180_000);
  const load = async (src: string): Promise<Buffer> => (await page.request.get(src)).body();
  const lesson = await scriptBytes(await (await page.request.get('/en/lessons/foundations/cni')).text(), load);
  const empty = await emptyPageBytes();
  let milliseconds = 0;
  const w = words('en');
  const toPrompt = await bytesUntil(page, async () => {
    await page.goto(`${baseURL}/en/lessons/plugins/flannel-vxlan`, { waitUntil: 'load' });
    const predict = page.getByRole('region', { name: w.predict.title }).first();
    if (await predict.isVisible()) {
      await predict.getByRole('radio').first().check();
      await predict.getByRole('button', { name: w.quiz.check }).click();
    }
    const shown = promptShown(page);
    const began = Date.now();
    await page.getByRole('button', { name: w.terminal.open }).first().click();
    // The prompt, on whatever screen is there first: it takes keys from then on.
    await expect(page.getByRole('tabpanel').first()).toContainText(':~#', { timeout: 20_000 });
    const moment = await shown;
    milliseconds = moment - began;
    return moment;
  });
  const figures = {
    lessonScripts: lesson,
    emptyScripts: empty,
    lessonOverEmpty: lesson - empty,
    scriptsToPrompt: toPrompt,
    promptOverPage: toPrompt - lesson,
    clickToPromptMs: milliseconds,
  };
  mkdirSync('test-results', { recursive: true });
  writeFileSync('test-results/figures.json', `${JSON.stringify(figures, null, 2)}\n`);
  console.log(figures);
  expect(figures.lessonOverEmpty).toBeLessThanOrEqual(10_240);
});
