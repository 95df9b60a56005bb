/**
 * `npm test`: from a fresh clone to a verdict. Parts: types, lint, unit, live, e2e; named ones alone with
 * `npm test -- unit e2e`. What follows `--` goes to the part's own program: `npm test -- unit -- lib/server`.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkNode } from './lib/check.mjs';

checkNode();
const { install } = await import('./lib/install.mjs');
await install();
const { buildAll, buildWorker, generate } = await import('./lib/build.mjs');
const { root } = await import('./lib/root.mjs');
const { node, run } = await import('./lib/run.mjs');
const { done, say } = await import('./lib/say.mjs');

const results = join(root, 'test-results');
mkdirSync(results, { recursive: true });
const readJson = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null);

/** A tool that says yes or no counts as one test. */
const one = ({ status }) =>
  status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };

/** Counts of a report; a runner that failed without one, or beyond what it counts, adds a failure. */
const counted = ({ status }, counts) => {
  if (!counts) return { passed: 0, failed: 1, skipped: 0 };
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
};

function freePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const PARTS = {
  async types() {
    await generate();
    return one(await run('npm', ['run', '-s', 'types'], { show: true }));
  },
  async lint() {
    return one(await run('npm', ['run', '-s', 'lint'], { show: true }));
  },
  async unit(more) {
    await generate();
    await buildWorker();
    const file = join(results, 'unit.json');
    rmSync(file, { force: true });
    const ran = await node(
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${file}`,
        ...more,
      ],
      { show: true },
    );
    const report = readJson(file);
    // A file that fails before its first test counts too.
    const broken =
      report?.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0).length ??
      0;
    return counted(
      ran,
      report && {
        passed: report.numPassedTests,
        failed: report.numFailedTests + broken,
        skipped: report.numPendingTests + report.numTodoTests,
      },
    );
  },
  /** Beside the real kernel, where root, namespaces and the same tools are there: a few recordings and fresh seeds. */
  async live() {
    const total = { passed: 0, failed: 0, skipped: 0 };
    for (const args of [
      ['conformance', '--live', '06-addr', '14-rule', '24-vxlan', '32-ping', '46-iptables', '53-ipset'],
      ['fuzz', '--seeds', 'fresh:30', '--seconds', '60', '--least', '97', '--classes', '8'],
    ]) {
      const { status, output } = await run('npm', ['run', '-s', 'flatnet', '--', ...args]);
      console.log(output.trimEnd());
      if (/^skipped: /m.test(output) && status === 0) total.skipped++;
      else if (status === 0) total.passed++;
      else total.failed++;
    }
    return total;
  },
  async e2e(more) {
    await buildAll();
    const file = join(results, 'e2e.json');
    rmSync(file, { force: true });
    const data = mkdtempSync(join(tmpdir(), 'flatnet-e2e-'));
    const env = {
      FLATNET_E2E_PORT: String(await freePort()),
      FLATNET_E2E_DATA: data,
      PLAYWRIGHT_JSON_OUTPUT_FILE: file,
    };
    const ran = await node(['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json', ...more], {
      show: true,
      env,
    });
    rmSync(data, { recursive: true, force: true });
    const stats = readJson(file)?.stats;
    return counted(
      ran,
      stats && { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped },
    );
  },
};

const args = process.argv.slice(2);
const cut = args.indexOf('--');
const named = cut < 0 ? args : args.slice(0, cut);
const more = cut < 0 ? [] : args.slice(cut + 1);
const unknown = named.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`npm test: no part ${unknown.join(', ')}; there are: ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}

const total = { passed: 0, failed: 0, skipped: 0 };
for (const name of named.length > 0 ? named : Object.keys(PARTS)) {
  say(`${name} …`);
  const counts = await PARTS[name](more);
  for (const key of Object.keys(total)) total[key] += counts[key];
  done(`${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
