import type { Proc, Program } from '../../kernel/process.ts';
import type { ProcessInfo } from '../../kernel/world.ts';
import { sendSignal } from '../../shell/send-signal.ts';
import { signalList, signalNumber } from '../../shell/signals.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { compileRegex, RegexError } from '../../text/regex.ts';
import { strftime } from '../../text/strftime.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { userName } from '../stat/mode.ts';

/** Processes the caller can see: its container's, or all of the host. */
const visible = (proc: Proc): ProcessInfo[] =>
  [...proc.host.processes.values()].filter((p) => proc.info.container === '' || p.container === proc.info.container);

const commandName = (p: ProcessInfo): string => (p.argv[0] ?? '').replace(/^.*\//, '').slice(0, 15);
const ttyName = (p: ProcessInfo): string => (p.tty === 0 ? '?' : `pts/${p.tty - 1}`);

export const commands = [
  defineCommand({
    name: 'ps',
    dir: '/usr/bin',
    summary: 'list processes',
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-e -f aux ! -o'),
    notModelled: ['memory and CPU columns (aux)'],
    *run(proc: Proc): Program {
      const args = proc.argv.slice(1).join('');
      const { epoch } = proc.world;
      if (args === '-ef' || args === '-e-f' || args === '-Af') {
        yield* print('UID          PID    PPID  C STIME TTY          TIME CMD\n');
        for (const p of visible(proc)) {
          const start = strftime('%H:%M', epoch + Math.floor(p.started / 1e6), 0);
          yield* print(
            `${userName(p.uid).padEnd(8)} ${String(p.pid).padStart(7)} ${String(p.ppid).padStart(7)}  0 ${start} ${ttyName(p).padEnd(8)} 00:00:00 ${p.argv.join(' ')}${p.state === 'Z' ? ' <defunct>' : ''}\n`,
          );
        }
        return 0;
      }
      if (args !== '' && args !== '-e' && args !== '-A')
        return yield* notModelled(
          `ps ${proc.argv.slice(1).join(' ')}${/^-?\w*a?ux?\w*$/.test(args) ? ' (no memory or CPU figures here): use ps -ef' : ''}`,
        );
      yield* print('    PID TTY          TIME CMD\n');
      for (const p of visible(proc)) {
        if (args === '' && p.tty !== proc.info.tty) continue;
        yield* print(`${String(p.pid).padStart(7)} ${ttyName(p).padEnd(8)} 00:00:00 ${commandName(p)}\n`);
      }
      return 0;
    },
  }),
  defineCommand({
    name: 'kill',
    dir: '/usr/bin',
    summary: 'send signals',
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-s=SIGNAL -l'),
    *run(proc: Proc): Program {
      const args = proc.argv.slice(1);
      let signal: number | null = 15;
      if (args[0] === '-l') {
        yield* print(signalList());
        return 0;
      }
      if (args[0] === '-s') signal = signalNumber(args.splice(0, 2)[1] ?? '');
      else if (/^-./.test(args[0] ?? '')) signal = signalNumber((args.shift() as string).slice(1));
      if (signal === null || args.length === 0) {
        yield* printErr(signal === null ? `kill: invalid argument\n` : '\nUsage:\n kill [options] <pid> [...]\n');
        return 1;
      }
      let status = 0;
      for (const pid of args) {
        const errno = /^-?\d{1,9}$/.test(pid) ? sendSignal(proc, Number(pid), signal) : 'bad';
        if (errno === null) continue;
        yield* printErr(
          errno === 'bad' ? `kill: failed to parse argument: '${pid}'\n` : `kill: (${pid}): ${strerror(errno)}\n`,
        );
        status = 1;
      }
      return status;
    },
  }),
  defineCommand({
    name: 'pgrep',
    aliases: ['pkill'],
    dir: '/usr/bin',
    summary: 'find or signal processes by name',
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-f -x -l -a -n -o'),
    *run(proc: Proc): Program {
      const name = proc.argv[0] ?? 'pgrep';
      const args = proc.argv.slice(1);
      let signal: number | null = 15;
      let flags = '';
      while (/^-./.test(args[0] ?? '')) {
        const arg = (args.shift() as string).slice(1);
        const n = signalNumber(arg);
        if (name === 'pkill' && n !== null) signal = n;
        else if (/^[fxlano]+$/.test(arg)) flags += arg;
        else return yield* notModelled(`${name} -${arg}`);
      }
      const [pattern] = args;
      if (pattern === undefined) {
        yield* printErr(`${name}: no matching criteria specified\nTry \`${name} --help' for more information.\n`);
        return 2;
      }
      try {
        const regex = compileRegex(flags.includes('x') ? `^(${pattern})$` : pattern, { extended: true });
        let found = visible(proc).filter(
          (p) =>
            p.pid !== proc.info.pid &&
            p.exit === null &&
            regex.test(flags.includes('f') ? p.argv.join(' ') : commandName(p)),
        );
        if (flags.includes('n')) found = found.slice(-1);
        if (flags.includes('o')) found = found.slice(0, 1);
        for (const p of found) {
          if (name === 'pkill') sendSignal(proc, p.pid, signal);
          else
            yield* print(
              `${p.pid}${flags.includes('a') ? ` ${p.argv.join(' ')}` : flags.includes('l') ? ` ${commandName(p)}` : ''}\n`,
            );
        }
        return found.length > 0 ? 0 : 1;
      } catch (error) {
        if (!(error instanceof RegexError)) throw error;
        yield* printErr(`${name}: ${error.message}\n`);
        return 2;
      }
    },
  }),
];
