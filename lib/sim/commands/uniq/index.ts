import type { Io, Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption, lastOption, linesOf, readInput } from '../files.ts';
import { print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';

const SPEC = {
  short: 'cdDf:is:uw:z',
  notModelled: ['z'],
  long: {
    count: 'c',
    repeated: 'd',
    'skip-fields=': 'f',
    'ignore-case': 'i',
    'skip-chars=': 's',
    unique: 'u',
    'check-chars=': 'w',
  },
};

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, SPEC);
  if (typeof parsed === 'number') return parsed;
  const [input = '-', output] = parsed.operands;
  const got = yield* readInput(proc, input);
  if ('errno' in got) {
    yield* printErr(`uniq: ${got.errno === 'EISDIR' ? `error reading '${input}'` : input}: ${strerror(got.errno)}\n`);
    return 1;
  }
  const number = (key: string) => Number(lastOption(parsed, key) ?? 0) || 0;
  const width = lastOption(parsed, 'w');
  const keyOf = (line: string) => {
    let key = line;
    for (let i = number('f'); i > 0; i--) key = key.replace(/^\s*\S+/, '');
    key = key.slice(number('s'));
    if (width !== undefined) key = key.slice(0, Number(width));
    return hasOption(parsed, 'i') ? key.toLowerCase() : key;
  };
  const groups: { line: string; all: string[]; key: string }[] = [];
  for (const line of linesOf(got.text)) {
    const key = keyOf(line);
    const last = groups[groups.length - 1];
    if (last?.key === key) last.all.push(line);
    else groups.push({ line, all: [line], key });
  }
  let out = '';
  for (const { line, all } of groups) {
    if (
      hasOption(parsed, 'D')
        ? all.length < 2
        : (hasOption(parsed, 'd') && all.length < 2) || (hasOption(parsed, 'u') && all.length > 1)
    )
      continue;
    if (hasOption(parsed, 'D')) out += all.map((l) => `${l}\n`).join('');
    else out += `${hasOption(parsed, 'c') ? `${String(all.length).padStart(7)} ` : ''}${line}\n`;
  }
  return yield* emit(proc, out, output);
}

function* emit(proc: Proc, text: string, path: string | undefined): Io<number> {
  if (path === undefined || path === '-') {
    yield* print(text);
    return 0;
  }
  const done = vfsOf(proc).writeFile(path, text);
  if (done.ok) return 0;
  yield* printErr(`uniq: ${path}: ${strerror(done.errno)}\n`);
  return 1;
}

export const command = defineCommand({
  name: 'uniq',
  dir: '/usr/bin',
  summary: 'drop repeated lines',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-c -d -D -f=N -i -s=N -u -w=N ! -z'),
  run,
});
