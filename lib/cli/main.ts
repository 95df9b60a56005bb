/** `npm run -s flatnet -- VERB …`: exit 0 when the verb did its work, 2 for bad usage. */
import { UsageError } from './args.ts';
import { bench, usage as benchUsage } from './verbs/bench.ts';
import { catalog, usage as catalogUsage } from './verbs/catalog.ts';
import { conformance, usage as conformanceUsage } from './verbs/conformance.ts';
import { fuzz, usage as fuzzUsage } from './verbs/fuzz.ts';
import { grade, usage as gradeUsage } from './verbs/grade.ts';
import { matrix, usage as matrixUsage } from './verbs/matrix.ts';
import { record, usage as recordUsage } from './verbs/record.ts';
import { run, usage as runUsage } from './verbs/run.ts';
import { serve, usage as serveUsage } from './verbs/serve.ts';
import { shell, usage as shellUsage } from './verbs/shell.ts';
import { trace, usage as traceUsage } from './verbs/trace.ts';

const verbs: Record<string, (argv: string[]) => number | Promise<number>> = {
  bench,
  catalog,
  conformance,
  fuzz,
  grade,
  matrix,
  record,
  run,
  serve,
  shell,
  trace,
};
const usages = [
  runUsage,
  shellUsage,
  serveUsage,
  matrixUsage,
  traceUsage,
  gradeUsage,
  catalogUsage,
  benchUsage,
  conformanceUsage,
  recordUsage,
  fuzzUsage,
];

const [name = '', ...rest] = process.argv.slice(2);
const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
if (!verb) {
  process.stderr.write(
    `flatnet: ${name ? `unknown verb ${name}` : 'a verb is wanted'}\nusage:\n${usages.map((u) => `  flatnet ${u}\n`).join('')}`,
  );
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await verb(rest);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`flatnet ${name}: ${error.message}\n`);
    process.exitCode = 2;
  }
}
