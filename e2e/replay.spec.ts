/** Replay in Chromium's worker and in Node gives the same world for every exercise's solution. */
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { expect, test } from './fixtures.ts';

interface Solution {
  id: string;
  hash: string;
}

const WORKER = `
import { Session } from '#sim/index.ts';
self.onmessage = ({ data }) => self.postMessage(data.map((s) => ({ id: s.id, hash: Session.replay(s.base, s.seed, s.transcript, { steps: s.setup }).hash() })));
`;

test('the same transcript gives the same world in the browser and in Node', async ({ page }) => {
  const solutions = JSON.parse(
    execFileSync(process.execPath, ['--import', 'tsx', 'e2e/solutions.ts'], { encoding: 'utf8', maxBuffer: 1 << 28 }),
  ) as Solution[];
  expect(solutions.length).toBeGreaterThanOrEqual(4);
  const { outputFiles } = await build({
    stdin: { contents: WORKER, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
  });
  const inBrowser = await page.evaluate(
    ([source, data]) =>
      new Promise<Solution[]>((resolve, reject) => {
        const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
        worker.onmessage = (message) => resolve(message.data as Solution[]);
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage(data);
      }),
    [outputFiles[0]?.text ?? '', solutions] as const,
  );
  expect(inBrowser).toEqual(solutions.map(({ id, hash }) => ({ id, hash })));
});
