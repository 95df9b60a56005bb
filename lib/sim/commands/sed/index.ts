import type { Io, Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { getopt } from '../../text/getopt.ts';
import { RegexError } from '../../text/regex.ts';
import { defineCommand } from '../contract.ts';
import { readInput } from '../files.ts';
import { notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { parseSed, type SedCommand, SedError, SedNotModelled } from './parse.ts';
import { type SedInput, SedRun } from './run.ts';

const SPEC = {
  short: 'nEre:f:i::suzl:',
  long: {
    quiet: 'n',
    silent: 'n',
    'regexp-extended': 'E',
    'expression=': 'e',
    'file=': 'f',
    'in-place?': 'i',
    separate: 's',
    unbuffered: 'u',
    posix: 'posix',
    version: '',
    help: '',
  },
};

function* run(proc: Proc): Program {
  const parsed = getopt(proc.argv.slice(1), SPEC);
  if (parsed.error !== undefined) {
    yield* printErr(`sed: ${parsed.error}\nUsage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n`);
    return 1;
  }
  const keys = new Set(parsed.options.map((o) => o.key).map((k) => (k === 'r' ? 'E' : k)));
  for (const key of ['z', 'l', 'posix', 'version', 'help', 's'])
    if (keys.has(key)) return yield* notModelled(`sed ${key.length > 1 ? '--' : '-'}${key}`);
  const operands = [...parsed.operands];
  const scripts: string[] = [];
  for (const o of parsed.options) {
    if (o.key === 'e') scripts.push(o.value ?? '');
    if (o.key !== 'f') continue;
    const got = yield* readInput(proc, o.value ?? '');
    if ('errno' in got) {
      yield* printErr(`sed: couldn't open file ${o.value}: ${strerror(got.errno)}\n`);
      return 1;
    }
    scripts.push(got.text.replace(/\n$/, ''));
  }
  if (!keys.has('e') && !keys.has('f')) {
    const script = operands.shift();
    if (script === undefined) {
      yield* printErr('Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n');
      return 1;
    }
    scripts.push(script);
  }
  const inPlace = parsed.options.findLast((o) => o.key === 'i');
  try {
    const commands = parseSed(scripts.join('\n'), keys.has('E'));
    if (inPlace) return yield* editFiles(proc, commands, operands, keys.has('n'), inPlace.value ?? '');
    return yield* filter(proc, commands, operands, keys.has('n'));
  } catch (error) {
    if (error instanceof SedNotModelled) return yield* notModelled(`sed: ${error.message}`);
    if (!(error instanceof SedError || error instanceof RegexError)) throw error;
    yield* printErr(`sed: ${error.message}\n`);
    return 1;
  }
}

function makeRun(proc: Proc, commands: readonly SedCommand[], texts: readonly string[], quiet: boolean): SedRun {
  const lines: { text: string; newline: boolean }[] = [];
  texts.forEach((text, k) => {
    if (text === '') return;
    const complete = text.endsWith('\n');
    const parts = (complete ? text.slice(0, -1) : text).split('\n');
    parts.forEach(
      (t, i) =>
        void lines.push({
          text: t,
          newline: complete || i < parts.length - 1 || texts.slice(k + 1).some((x) => x !== ''),
        }),
    );
  });
  let at = 0;
  const input: SedInput = { next: () => lines[at++] ?? null, isLast: () => at >= lines.length };
  const written = new Set<string>();
  return new SedRun(commands, input, {
    quiet,
    readFile: (path) => {
      const got = vfsOf(proc).readFile(path);
      return got.ok ? got.value : null;
    },
    writeFile: (path, text) => {
      if (written.has(path)) vfsOf(proc).appendFile(path, text);
      else vfsOf(proc).writeFile(path, text);
      written.add(path);
    },
  });
}

function* filter(proc: Proc, commands: readonly SedCommand[], operands: readonly string[], quiet: boolean): Io<number> {
  let status = 0;
  const texts: string[] = [];
  for (const path of operands.length > 0 ? operands : ['-']) {
    const got = yield* readInput(proc, path);
    if ('text' in got) texts.push(got.text);
    else {
      status = 2;
      yield* printErr(
        got.errno === 'EISDIR'
          ? `sed: couldn't edit ${path}: not a regular file\n`
              .replace("couldn't edit", 'read error on')
              .replace('not a regular file', 'Is a directory')
          : `sed: can't read ${path}: ${strerror(got.errno)}\n`,
      );
    }
  }
  const machine = makeRun(proc, commands, texts, quiet);
  for (let out = machine.cycle(); out !== null; out = machine.cycle()) yield* print(out);
  return machine.exit ?? status;
}

function* editFiles(
  proc: Proc,
  commands: readonly SedCommand[],
  operands: readonly string[],
  quiet: boolean,
  suffix: string,
): Io<number> {
  if (operands.length === 0) {
    yield* printErr('sed: no input files\n');
    return 1;
  }
  const vfs = vfsOf(proc);
  let status = 0;
  for (const path of operands) {
    const text = vfs.readFile(path);
    if (!text.ok) {
      yield* printErr(
        text.errno === 'EISDIR'
          ? `sed: couldn't edit ${path}: not a regular file\n`
          : `sed: can't read ${path}: ${strerror(text.errno)}\n`,
      );
      status = text.errno === 'EISDIR' ? 4 : 2;
      continue;
    }
    if (suffix !== '') vfs.writeFile(suffix.includes('*') ? suffix.replace('*', path) : path + suffix, text.value);
    const machine = makeRun(proc, commands, [text.value], quiet);
    let all = '';
    for (let out = machine.cycle(); out !== null; out = machine.cycle()) all += out;
    const done = vfs.writeFile(path, all);
    if (!done.ok) {
      yield* printErr(`sed: couldn't write to ${path}: ${strerror(done.errno)}\n`);
      status = 4;
    }
  }
  return status;
}

export const command = defineCommand({
  name: 'sed',
  dir: '/usr/bin',
  summary: 'edit streams of text',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-n -E -r -e=SCRIPT -f=FILE -i=SUFFIX ! -s -z'),
  notModelled: ['commands e, F, l, R, W, z'],
  run,
});
