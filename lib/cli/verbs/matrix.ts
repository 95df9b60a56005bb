import { readFileSync } from 'node:fs';
import { matrix as ask, buildScene, type MatrixPort, matrixText, parseMatrixPort } from '#sim/index.ts';
import { parseArgs, required, seedOf, UsageError } from '../args.ts';
import { knownScenario } from './scenario.ts';

export const usage =
  'matrix --scenario NAME --manifests FILE.yaml|- --ports TCP/80,UDP/81,SCTP/82 [--to pod-ip|service] [--seed N] [--json]';

function portOf(text: string): MatrixPort {
  const port = parseMatrixPort(text);
  if (!port) throw new UsageError(`--ports wants TCP/N, UDP/N or SCTP/N, not ${text}`);
  return port;
}

function manifestsFrom(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

/** Applies manifests and prints which of their Pods reach which, port by port. */
export function matrix(argv: string[]): number {
  const args = parseArgs(argv, ['scenario', 'seed', 'manifests', 'ports', 'to'], ['json']);
  const scenario = knownScenario(required(args, 'scenario'));
  const ports = required(args, 'ports').split(',').map(portOf);
  const to = args.options.get('to') ?? 'pod-ip';
  if (to !== 'pod-ip' && to !== 'service') throw new UsageError(`--to wants pod-ip or service, not ${to}`);
  const manifests = manifestsFrom(required(args, 'manifests'));
  const result = ask(buildScene(scenario, seedOf(args)), { manifests, ports, to });
  if ('error' in result) throw new UsageError(result.error);
  const { notes, ...matrix } = result;
  for (const text of notes) process.stderr.write(`flatnet matrix: ${text}\n`);
  process.stdout.write(args.flags.has('json') ? `${JSON.stringify(matrix)}\n` : matrixText(result));
  return 0;
}
