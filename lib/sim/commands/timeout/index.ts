import type { Proc, Program } from '../../kernel/process.ts';
import { findProgram } from '../../shell/program.ts';
import { sendSignal } from '../../shell/send-signal.ts';
import { signalNumber } from '../../shell/signals.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { defineCommand } from '../contract.ts';
import { parseDuration } from '../duration.ts';
import { coreutilsOptions, hasOption, lastOption } from '../files.ts';
import { printErr, waitFor } from '../io.ts';
import { optionDocs } from '../options.ts';

const SPEC = {
  short: '+k:s:v',
  long: { foreground: 'F', 'kill-after=': 'k', 'preserve-status': 'P', 'signal=': 's', verbose: 'v' },
};

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, SPEC, 125);
  if (typeof parsed === 'number') return parsed;
  const [limitText, ...argv] = parsed.operands;
  if (limitText === undefined || argv.length === 0) {
    yield* printErr(`timeout: missing operand\nTry 'timeout --help' for more information.\n`);
    return 125;
  }
  const limit = parseDuration(limitText);
  const killAfter = lastOption(parsed, 'k') === undefined ? null : parseDuration(lastOption(parsed, 'k') as string);
  const signal = signalNumber(lastOption(parsed, 's') ?? 'TERM');
  if (limit === null || signal === null) {
    const what =
      limit === null ? `invalid time interval ‘${limitText}’` : `'${lastOption(parsed, 's')}': invalid signal`;
    yield* printErr(`timeout: ${what}\nTry 'timeout --help' for more information.\n`);
    return 125;
  }
  const found = findProgram(proc, argv);
  if (!found.ok) {
    yield* printErr(
      `timeout: failed to run command ‘${argv[0]}’: ${strerror(found.errno === 'EISDIR' ? 'EACCES' : found.errno)}\n`,
    );
    return found.errno === 'ENOENT' ? 127 : 126;
  }
  const child = proc.machine.spawn({ argv: found.argv, main: found.main, parent: proc });
  if (!child) {
    yield* printErr('timeout: fork system call failed: Resource temporarily unavailable\n');
    return 125;
  }
  // A signal to timeout goes on to the command.
  proc.onTerminate = () => void sendSignal(proc, child.info.pid, 15);
  const ended = () => child.status !== null;
  let timedOut = false;
  if (!(yield* waitFor(ended, limit === 0 ? null : proc.world.now + limit))) {
    timedOut = true;
    if (hasOption(parsed, 'v'))
      yield* printErr(`timeout: sending signal ${lastOption(parsed, 's') ?? 'TERM'} to command '${argv[0]}'\n`);
    sendSignal(proc, child.info.pid, signal);
    if (killAfter !== null && !(yield* waitFor(ended, proc.world.now + killAfter))) sendSignal(proc, child.info.pid, 9);
  }
  const status = (yield { op: 'waitpid', pid: child.info.pid }) as number;
  if (timedOut && !hasOption(parsed, 'P')) return status === 137 ? 137 : 124;
  return status;
}

export const command = defineCommand({
  name: 'timeout',
  dir: '/usr/bin',
  summary: 'end a command after a time',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-k=DURATION -s=SIGNAL -v --foreground --preserve-status'),
  run,
});
