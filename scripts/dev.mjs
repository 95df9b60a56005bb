/** `npm run dev`: for authors. What is saved is shown: code at once, lessons, exercises and questions when the page is loaded again. */
import { checkNode, checkPort, wantedPort } from './lib/check.mjs';

checkNode();
const { install } = await import('./lib/install.mjs');
await install();
const { spawn } = await import('node:child_process');
const { join } = await import('node:path');
const { generate } = await import('./lib/build.mjs');
const { root } = await import('./lib/root.mjs');
const { say } = await import('./lib/say.mjs');

const port = wantedPort();
await checkPort(port, '127.0.0.1');
await generate();

const { context } = await import('esbuild');
const worker = await context({
  entryPoints: [join(root, 'lib/grade/worker.ts')],
  outfile: join(root, 'dist/grade-worker.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  logLevel: 'warning',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
await worker.rebuild().catch(() => say('The grader does not compile yet; it is built again when its sources change.'));
await worker.watch();

say(`Flatnet for authors: http://localhost:${port}`);
const child = spawn(
  process.execPath,
  ['node_modules/next/dist/bin/next', 'dev', '--port', String(port), '--hostname', '127.0.0.1'],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, FLATNET_RELOAD: '1', FLATNET_ROOT: root, NEXT_TELEMETRY_DISABLED: '1' },
  },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (status) => process.exit(status ?? 0));
