import type { Proc, Program } from '../../kernel/process.ts';
import { quoteBackslash } from '../../shell/quote.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { echoText } from '../../text/escapes.ts';
import { formatPrintf } from '../../text/printf.ts';
import { defineCommand } from '../contract.ts';
import { tryPrint } from '../files.ts';
import { printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

/** The programs behind shell builtins of the same name: what `env`, `xargs` and `ip netns exec` find. */
export const commands = [
  defineCommand({
    name: 'echo',
    dir: '/usr/bin',
    summary: 'print arguments',
    images: ['node', 'netshoot', 'busybox', 'http'],
    options: optionDocs('-n -e -E'),
    *run(proc: Proc): Program {
      yield* tryPrint(echoText(proc.argv.slice(1), false));
      return 0;
    },
  }),
  defineCommand({
    name: 'printf',
    dir: '/usr/bin',
    summary: 'format and print',
    images: ['node', 'netshoot', 'busybox'],
    options: [],
    *run(proc: Proc): Program {
      const [, format, ...args] = proc.argv;
      if (format === undefined) {
        yield* printErr("printf: missing operand\nTry 'printf --help' for more information.\n");
        return 1;
      }
      const result = formatPrintf(format, args, quoteBackslash);
      yield* tryPrint(result.text);
      for (const message of result.errors)
        yield* printErr(`printf: ${message.replace(/^(.*): invalid number$/, '‘$1’: expected a numeric value')}\n`);
      return result.errors.length > 0 ? 1 : 0;
    },
  }),
  defineCommand({
    name: 'true',
    dir: '/usr/bin',
    summary: 'succeed',
    images: ['node', 'netshoot', 'busybox'],
    options: [],
    *run(): Program {
      return 0;
    },
  }),
  defineCommand({
    name: 'false',
    dir: '/usr/bin',
    summary: 'fail',
    images: ['node', 'netshoot', 'busybox'],
    options: [],
    *run(): Program {
      return 1;
    },
  }),
  defineCommand({
    name: 'yes',
    dir: '/usr/bin',
    summary: 'print a line until it is stopped',
    images: ['node', 'netshoot', 'busybox'],
    options: [],
    *run(proc: Proc): Program {
      const line = `${proc.argv.slice(1).join(' ') || 'y'}\n`;
      const chunk = line.repeat(Math.max(1, Math.floor(4096 / line.length)));
      for (;;) {
        const errno = yield* tryPrint(chunk);
        if (!errno) continue;
        yield* printErr(`yes: standard output: ${strerror(errno)}\n`);
        return 1;
      }
    },
  }),
];
