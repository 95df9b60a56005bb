import type { Io, Proc, Program } from '../../kernel/process.ts';
import { findProgram } from '../../shell/program.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption, lastOption } from '../files.ts';
import { printErr, readAll, runChild } from '../io.ts';
import { optionDocs } from '../options.ts';

const SPEC = {
  short: '+0rtI:n:L:P:d:s:xp',
  long: {
    null: '0',
    'no-run-if-empty': 'r',
    verbose: 't',
    'replace?': 'I',
    'max-args=': 'n',
    'max-lines=': 'L',
    'max-procs=': 'P',
    'delimiter=': 'd',
  },
};

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, SPEC);
  if (typeof parsed === 'number') return parsed;
  const command = parsed.operands.length > 0 ? parsed.operands : ['echo'];
  const replace = hasOption(parsed, 'I') ? (lastOption(parsed, 'I') ?? '{}') : null;
  const text = yield* readAll(0);
  const delimiter = hasOption(parsed, '0') ? '\0' : lastOption(parsed, 'd')?.replace('\\n', '\n').replace('\\t', '\t');
  let items: string[];
  if (delimiter !== undefined)
    items = text
      .replace(new RegExp(`${delimiter === '\0' ? '\\0' : delimiter.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`), '')
      .split(delimiter)
      .filter((s, _, all) => s !== '' || all.length > 1);
  else if (replace !== null)
    items = text
      .split('\n')
      .map((l) => l.trimStart())
      .filter((l) => l !== '');
  else {
    const words = splitWords(text);
    if (typeof words === 'string') {
      yield* printErr(`xargs: ${words}\n`);
      return 1;
    }
    items = words;
  }
  if (text === '' && delimiter !== undefined) items = [];
  const size = Number(lastOption(parsed, 'n') ?? lastOption(parsed, 'L') ?? 0) || 5000;
  const batches: string[][] = [];
  if (replace !== null) for (const item of items) batches.push(command.map((w) => w.replaceAll(replace, item)));
  else {
    for (let i = 0; i < items.length; i += size) batches.push([...command, ...items.slice(i, i + size)]);
    if (items.length === 0 && !hasOption(parsed, 'r')) batches.push([...command]);
  }
  let status = 0;
  for (const argv of batches) {
    const result = yield* runOne(proc, argv, hasOption(parsed, 't'));
    if (result === 126 || result === 127 || result === 124 || result === 125) return result;
    if (result !== 0) status = 123;
  }
  return status;
}

function* runOne(proc: Proc, argv: string[], verbose: boolean): Io<number> {
  if (verbose) yield* printErr(`${argv.join(' ')}\n`);
  const found = findProgram(proc, argv);
  if (!found.ok) {
    yield* printErr(`xargs: ${argv[0]}: ${strerror(found.errno)}\n`);
    return found.errno === 'ENOENT' ? 127 : 126;
  }
  const status = yield* runChild(proc, {
    argv: found.argv,
    main: found.main,
    fds: new Map(proc.fds).set(0, { kind: 'null' }),
  });
  if (status !== 255) return status;
  yield* printErr(`xargs: ${argv[0]}: exited with status 255; aborting\n`);
  return 124;
}

function splitWords(text: string): string[] | string {
  const out: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '\\') word = (word ?? '') + (text[++i] ?? '');
    else if (c === '"' || c === "'") {
      const end = text.indexOf(c, i + 1);
      if (end < 0 || text.slice(i, end).includes('\n'))
        return `unmatched ${c === '"' ? 'double' : 'single'} quote; by default quotes are special to xargs unless you use the -0 option`;
      word = (word ?? '') + text.slice(i + 1, end);
      i = end;
    } else if (/[ \t\n]/.test(c)) {
      if (word !== null) out.push(word);
      word = null;
    } else word = (word ?? '') + c;
  }
  if (word !== null) out.push(word);
  return out;
}

export const command = defineCommand({
  name: 'xargs',
  dir: '/usr/bin',
  summary: 'build command lines from input',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-0 -r -t -I=REPLACE -n=MAX -L=MAX -P=MAX -d=DELIM'),
  run,
});
