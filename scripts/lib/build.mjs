/** Everything made out of the sources, each part only when its sources changed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDisk } from './check.mjs';
import { root } from './root.mjs';
import { node } from './run.mjs';
import { done, refuse, say } from './say.mjs';

const dist = join(root, 'dist');
const stamps = join(dist, 'stamps.json');

const ENGINE = ['lib/sim', 'lib/grade'];
const CONTENT = ['content', 'lib/course', ...ENGINE];
const APP = [
  'app',
  'components',
  'lib',
  'content',
  'next.config.mjs',
  'proxy.ts',
  'instrumentation.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.base.json',
];

const ignored = /(^|\/)(prisma|test|test-results)$|\.test\.tsx?$|\.tsbuildinfo$/;

function hashInto(hash, path) {
  const full = join(root, path);
  if (!existsSync(full) || (path.startsWith('lib/') && ignored.test(path))) return;
  if (statSync(full).isDirectory()) for (const name of readdirSync(full).sort()) hashInto(hash, `${path}/${name}`);
  else hash.update(`${path}\0`).update(readFileSync(full));
}

function hashOf(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths) hashInto(hash, path);
  return hash.digest('hex');
}

const readStamps = () => (existsSync(stamps) ? JSON.parse(readFileSync(stamps, 'utf8')) : {});

function setStamp(name, value) {
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamps, `${JSON.stringify({ ...readStamps(), [name]: value }, null, 2)}\n`);
}

/** Does `work` unless its sources are as they were and what it made is there. */
async function whenChanged(name, sources, made, work) {
  const hash = hashOf(sources);
  if (readStamps()[name] === hash && existsSync(join(root, made))) return false;
  await work();
  setStamp(name, hash);
  return true;
}

/** Ends when a step failed, with what it said. */
function must({ status, output }, problem) {
  if (status === 0) return;
  console.error(output.trimEnd());
  refuse(output.includes('ENOSPC') ? 'The disk is full.' : problem);
}

/** The database client. The variable names any program: generating asks for one and does not run it. */
export const generate = () =>
  whenChanged('prisma', ['prisma/schema.prisma', 'package-lock.json'], 'lib/server/prisma/client.ts', async () => {
    must(
      await node(['node_modules/prisma/build/index.js', 'generate'], {
        env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
      }),
      'The database client could not be generated.',
    );
  });

/** The program that grades, for its worker threads. */
export const buildWorker = () =>
  whenChanged('worker', [...ENGINE, 'package-lock.json'], 'dist/grade-worker.mjs', async () => {
    const { build } = await import('esbuild');
    await build({
      entryPoints: [join(root, 'lib/grade/worker.ts')],
      outfile: join(dist, 'grade-worker.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      minify: true,
      keepNames: true,
      logLevel: 'error',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    }).catch(() => refuse('The grader could not be built.'));
  });

/** Lessons and tasks, compiled: a mistake in one ends the build with its file, line and column. */
export const buildContent = () =>
  whenChanged('content', [...CONTENT, 'package-lock.json'], 'dist/mdx', async () => {
    say('Checking and compiling the course …');
    rmSync(join(dist, 'mdx'), { recursive: true, force: true });
    must(await node(['--import', 'tsx', 'lib/course/build.ts']), 'The course has a mistake.');
  });

/** An initialised database folder: the first start unpacks it. */
export const buildTemplate = () =>
  whenChanged('template', ['package-lock.json'], 'dist/pglite-template.tar.gz', async () =>
    must(await node(['scripts/lib/template.mjs']), 'The empty database could not be made.'),
  );

/** Builds what is missing or old. */
export async function buildAll() {
  mkdirSync(dist, { recursive: true });
  await generate();
  await buildWorker();
  await buildContent();
  const template = buildTemplate();
  await whenChanged('app', APP, '.next/BUILD_ID', async () => {
    checkDisk(500, 'building');
    say('Building the app (only when its sources change) …');
    must(
      await node(['node_modules/next/dist/bin/next', 'build'], { env: { NODE_ENV: 'production' } }),
      'The app could not be built.',
    );
    done('App built');
  });
  await template;
}
