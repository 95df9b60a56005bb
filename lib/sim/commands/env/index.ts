import type { Proc, Program } from '../../kernel/process.ts';
import { execInPlace, findProgram } from '../../shell/program.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

export const commands = [
  defineCommand({
    name: 'env',
    dir: '/usr/bin',
    summary: 'run a program in a changed environment',
    images: ['node', 'netshoot', 'busybox'],
    options: optionDocs('-i -u=NAME'),
    *run(proc: Proc): Program {
      const parsed = yield* coreutilsOptions(
        proc,
        { short: '+iu:0', long: { 'ignore-environment': 'i', 'unset=': 'u', null: '0' } },
        125,
      );
      if (typeof parsed === 'number') return parsed;
      const env = hasOption(parsed, 'i') ? new Map<string, string>() : new Map(proc.env);
      for (const o of parsed.options) if (o.key === 'u') env.delete(o.value ?? '');
      const argv = [...parsed.operands];
      if (argv[0] === '-') {
        env.clear();
        argv.shift();
      }
      while (argv[0]?.includes('=')) {
        const pair = argv.shift() as string;
        env.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
      }
      if (argv.length === 0) {
        const end = hasOption(parsed, '0') ? '\0' : '\n';
        for (const [k, v] of env) yield* print(`${k}=${v}${end}`);
        return 0;
      }
      const found = findProgram(proc, argv, env);
      if (!found.ok) {
        yield* printErr(`env: ‘${argv[0]}’: ${strerror(found.errno)}\n`);
        return found.errno === 'ENOENT' ? 127 : 126;
      }
      proc.env = env;
      return yield* execInPlace(proc, found);
    },
  }),
  defineCommand({
    name: 'printenv',
    dir: '/usr/bin',
    summary: 'print the environment',
    images: ['node', 'netshoot', 'busybox'],
    options: [],
    *run(proc: Proc): Program {
      const names = proc.argv.slice(1);
      if (names.length === 0) for (const [k, v] of proc.env) yield* print(`${k}=${v}\n`);
      let status = 0;
      for (const n of names) {
        const v = proc.env.get(n);
        if (v === undefined) status = 1;
        else yield* print(`${v}\n`);
      }
      return status;
    },
  }),
  defineCommand({
    name: 'nohup',
    aliases: ['setsid', 'nice', 'stdbuf'],
    dir: '/usr/bin',
    summary: 'run a program that outlives its terminal',
    images: ['node', 'netshoot', 'busybox'],
    options: [],
    *run(proc: Proc): Program {
      const name = proc.argv[0] ?? 'nohup';
      const argv = proc.argv.slice(1);
      while (argv[0]?.startsWith('-'))
        if (name === 'nice' && argv.shift() === '-n') argv.shift();
        else if (name !== 'nice') argv.shift();
      const found = findProgram(proc, argv);
      if (argv.length > 0 && found.ok) return yield* execInPlace(proc, found);
      yield* printErr(
        argv.length === 0
          ? `${name}: missing operand\nTry '${name} --help' for more information.\n`
          : `${name}: failed to run command ‘${argv[0]}’: ${strerror(found.ok ? 'ENOENT' : found.errno)}\n`,
      );
      return argv.length === 0 ? 125 : 127;
    },
  }),
  defineCommand({
    name: 'sudo',
    dir: '/usr/bin',
    summary: 'run a program as root',
    images: ['node'],
    options: optionDocs('-E -n -u=USER'),
    notModelled: ['users other than root'],
    *run(proc: Proc): Program {
      const argv = proc.argv.slice(1);
      while (argv[0]?.startsWith('-') || argv[0]?.includes('=')) if (argv.shift() === '-u') argv.shift();
      if (argv.length === 0) {
        yield* printErr(
          'usage: sudo -h | -K | -k | -V\nusage: sudo [-ABbEHnPS] [VAR=value] [-i | -s] [command [arg ...]]\n',
        );
        return 1;
      }
      const found = findProgram(proc, argv);
      if (found.ok) return yield* execInPlace(proc, found);
      yield* printErr(`sudo: ${argv[0]}: command not found\n`);
      return 1;
    },
  }),
];
