/** The benchmarks' own process: a request as JSON on standard input, rows as JSON on standard output. */
import { readFileSync } from 'node:fs';
import type { Exercise } from '#grade/schema.ts';
import type { Context } from './context.ts';
import { hopsBench } from './hops-bench.ts';
import { policyBench } from './policy-bench.ts';
import { replayBench } from './replay-bench.ts';
import { servicesBench } from './services-bench.ts';
import { type Row, rowOf } from './stats.ts';
import { topologyBench } from './topology-bench.ts';

export interface BenchRequest {
  /** Names of rows, or their first parts (`save` for `save-100` and the others); empty means all. */
  only: string[];
  kernel: boolean;
  exercise: Exercise;
}

const request = JSON.parse(readFileSync(0, 'utf8')) as BenchRequest;
const rows: Row[] = [];
const context: Context = {
  wants: (name) => request.only.length === 0 || request.only.some((o) => name === o || name.startsWith(`${o}-`)),
  kernel: request.kernel,
  add: (row) => rows.push(row),
  say: (text) => process.stderr.write(`bench: ${text}\n`),
  exercise: request.exercise,
};
try {
  for (const bench of [topologyBench, hopsBench, replayBench, servicesBench, policyBench]) await bench(context);
  if (context.wants('memory-rss'))
    context.add(
      rowOf({ name: 'memory-rss', what: 'resident memory at the end', unit: 'MB', goal: null }, [
        process.memoryUsage().rss / 1e6,
      ]),
    );
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
process.stdout.write(JSON.stringify(rows));
