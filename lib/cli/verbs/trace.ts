import { buildScene, parseProtocol, probe, renderTrace, runStep } from '#sim/index.ts';
import { parseArgs, required, seedOf, UsageError } from '../args.ts';
import { readScript } from '../script-file.ts';
import { knownScenario } from './scenario.ts';

export const usage =
  'trace --scenario NAME [--seed N] [--script FILE] --from ns/pod|node --to ns/pod|ns/service|ADDRESS [--port TCP/80] [--json]';

/** Sends one flow and prints its hops and the verdict. */
export function trace(argv: string[]): number {
  const args = parseArgs(argv, ['scenario', 'seed', 'script', 'from', 'to', 'port'], ['json']);
  const protocol = parseProtocol(args.options.get('port') ?? 'ICMP');
  if (!protocol) throw new UsageError(`--port wants ICMP, TCP/N, UDP/N or SCTP/N, not ${args.options.get('port')}`);
  const machine = buildScene(knownScenario(required(args, 'scenario')), seedOf(args));
  const script = args.options.get('script');
  if (script !== undefined) for (const step of readScript(script)) runStep(machine, step);
  const result = probe(machine, required(args, 'from'), required(args, 'to'), protocol);
  if ('error' in result) throw new UsageError(result.error);
  if (args.flags.has('json')) {
    process.stdout.write(
      `${JSON.stringify({ from: args.options.get('from'), to: args.options.get('to'), address: result.target, verdict: result.reached ? 'reached' : 'not reached', hops: result.events })}\n`,
    );
  } else {
    process.stdout.write(
      `${renderTrace(result.events)}${result.reached ? 'reached' : 'not reached'}: ${args.options.get('from')} → ${result.target}\n`,
    );
  }
  return 0;
}
