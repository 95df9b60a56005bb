import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findExercise } from '#course/catalog.ts';
import { parseArgs, UsageError } from '../args.ts';
import { kernelMissing } from '../bench/kernel.ts';
import { renderRows } from '../bench/report.ts';
import type { BenchRequest } from '../bench/run.ts';
import type { Row } from '../bench/stats.ts';

export const usage = 'bench [--only NAME[,NAME…]] [--json] [--no-kernel]';

/** The exercise whose replay is measured. */
const EXERCISE = 'bridge-by-hand';

export interface BenchOptions {
  only: string[];
  json: boolean;
  kernel: boolean;
}

/** Reads the verb's arguments; throws UsageError on others. */
export function benchOptions(argv: readonly string[]): BenchOptions {
  const args = parseArgs(argv, ['only'], ['json', 'no-kernel']);
  if (args.operands.length > 0) throw new UsageError(`unexpected ${args.operands[0]}`);
  const only = args.options.get('only')?.split(',') ?? [];
  if (only.includes('')) throw new UsageError('--only wants the beginnings of names');
  return { only, json: args.flags.has('json'), kernel: !args.flags.has('no-kernel') };
}

/** Measures the engine, and the machine's kernel doing the same work; exit 1 when the two disagree or a row cannot be had. */
export async function bench(argv: string[]): Promise<number> {
  const options = benchOptions(argv);
  const missing = options.kernel ? kernelMissing() : '--no-kernel';
  const exercise = findExercise(EXERCISE);
  if (!exercise) throw new UsageError(`the exercise ${EXERCISE} is gone`);
  const { status, rows } = await measure({ only: options.only, kernel: missing === null, exercise });
  if (status === 0 && rows.length === 0) throw new UsageError(`no figure is called ${options.only.join(' or ')}…`);
  process.stdout.write(
    options.json ? `${JSON.stringify({ kernel: missing ?? 'measured', rows })}\n` : renderRows(rows, missing),
  );
  return status;
}

/** Runs the benchmarks in a process of their own, bundled as a browser or a server would have the engine. */
async function measure(request: BenchRequest): Promise<{ status: number; rows: Row[] }> {
  const { build } = await import('esbuild');
  const dir = mkdtempSync(join(tmpdir(), 'flatnet-bench-'));
  try {
    const file = join(dir, 'run.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('../bench/run.ts', import.meta.url))],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      // yaml, which is CommonJS, asks for `process`.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'error',
    });
    const child = spawn(process.execPath, ['--expose-gc', '--max-old-space-size=4096', file], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end(JSON.stringify(request));
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const status = await new Promise<number>((done) => child.on('close', (code) => done(code ?? 1)));
    return { status, rows: text === '' ? [] : (JSON.parse(text) as Row[]) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
