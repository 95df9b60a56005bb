import { buildScene, kernelFor, runStep, type SceneSetup, Session, type StepResult } from '#sim/index.ts';
import { parseArgs, required, seedOf, UsageError } from '../args.ts';
import { readScript, type ScriptFile } from '../script-file.ts';
import { knownScenario } from './scenario.ts';

export const usage =
  'run --scenario NAME [--seed N] [--script FILE.json|-] [--kernel RELEASE] [--json] [--interactive]';

/**
 * Runs a script of commands and prints what each answered. On `bare`, a script that needs modules runs on Debian's kernel
 * unless `--kernel` names another.
 */
export function run(argv: string[]): number {
  const args = parseArgs(argv, ['scenario', 'seed', 'script', 'kernel'], ['json', 'interactive']);
  if (args.operands.length > 0) throw new UsageError(`unexpected ${args.operands[0]}`);
  const scenario = knownScenario(required(args, 'scenario'));
  const steps = readScript(args.options.get('script') ?? '-');
  const kernel = args.options.get('kernel') ?? (scenario === 'bare' ? kernelFor(steps) : undefined);
  const setup = kernel === undefined ? {} : { kernel };
  const json = args.flags.has('json');
  const results = args.flags.has('interactive')
    ? interactive(scenario, seedOf(args), steps, setup)
    : separate(scenario, seedOf(args), steps, setup);
  for (const r of results) {
    if (json)
      process.stdout.write(
        `${JSON.stringify({ host: r.host, cmd: r.cmd, stdout: r.stdout, stderr: r.stderr, exit: r.exit })}\n`,
      );
    else {
      process.stdout.write(`${r.host}# ${r.cmd}\n${r.stdout}`);
      process.stderr.write(r.stderr);
    }
  }
  return 0;
}

function* separate(scenario: string, seed: number, steps: ScriptFile, setup: SceneSetup): Generator<StepResult> {
  const machine = buildScene(scenario, seed, setup);
  for (const step of steps) yield runStep(machine, step);
}

const MAX_TIME = 600_000_000;
const MAX_STEPS = 2_000_000;

/** One shell a host; what the terminal shows is stdout, and the exit status is the shell's `$?`. */
function* interactive(scenario: string, seed: number, steps: ScriptFile, setup: SceneSetup): Generator<StepResult> {
  const session = Session.open(scenario, seed, setup);
  const first = [...session.machine.world.hosts.keys()][0] as string;
  const terms = new Map<string, number>();
  const settle = (term: number) => {
    if (session.settle(MAX_TIME, MAX_STEPS)) return;
    session.interrupt(term);
    session.settle(MAX_TIME, MAX_STEPS);
  };
  for (const { host = first, cmd, stdin } of steps) {
    let term = terms.get(host);
    if (term === undefined) {
      const opened = session.openTerminal(host);
      if (opened === null) {
        yield { host, cmd, stdout: '', stderr: `flatnet: no such host: ${host}\n`, exit: 255 };
        continue;
      }
      terms.set(host, (term = opened));
      settle(term);
    }
    for (const line of cmd.split('\n')) session.type(term, line);
    if (stdin !== undefined) {
      for (const line of stdin.replace(/\n$/, '').split('\n')) session.type(term, line);
      session.eof(term);
    }
    settle(term);
    const stdout = session.takeOutput(term);
    session.type(term, 'echo $?');
    settle(term);
    yield { host, cmd, stdout, stderr: '', exit: Number(session.takeOutput(term).trim()) || 0 };
  }
}
