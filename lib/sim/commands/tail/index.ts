import type { Io, Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { bytesToText, textToBytes } from '../../text/utf8.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption, readInput } from '../files.ts';
import { print, printErr, read, sleep } from '../io.ts';
import { optionDocs } from '../options.ts';
import { parseCount } from './count.ts';

const SPEC = {
  short: 'c:n:fFqs:v',
  long: { 'bytes=': 'c', 'lines=': 'n', 'follow?': 'f', quiet: 'q', silent: 'q', verbose: 'v', 'sleep-interval=': 's' },
};

function* run(proc: Proc): Program {
  const first = /^([-+])(\d+)(f?)$/.exec(proc.argv[1] ?? '');
  if (first)
    proc.argv.splice(1, 1, '-n', first[1] === '+' ? `+${first[2]}` : (first[2] as string), ...(first[3] ? ['-f'] : []));
  const parsed = yield* coreutilsOptions(proc, SPEC);
  if (typeof parsed === 'number') return parsed;
  const chosen = parsed.options.findLast((o) => o.key === 'n' || o.key === 'c');
  const bytes = chosen?.key === 'c';
  const n = parseCount(chosen?.value ?? '10');
  if (!n) {
    yield* printErr(`tail: invalid number of ${bytes ? 'bytes' : 'lines'}: '${chosen?.value}'\n`);
    return 1;
  }
  const follow = hasOption(parsed, 'f') || hasOption(parsed, 'F');
  const files = parsed.operands.length > 0 ? parsed.operands : ['-'];
  const titled = hasOption(parsed, 'v') || (files.length > 1 && !hasOption(parsed, 'q'));
  let status = 0;
  let shown = 0;
  const followed: { path: string; at: number }[] = [];
  for (const path of files) {
    const got = yield* readInput(proc, path);
    if ('errno' in got) {
      yield* printErr(
        got.errno === 'EISDIR'
          ? `tail: error reading '${path}': Is a directory\n`
          : `tail: cannot open '${path}' for reading: ${strerror(got.errno)}\n`,
      );
      status = 1;
      continue;
    }
    if (titled) yield* print(`${shown++ > 0 ? '\n' : ''}==> ${path === '-' ? 'standard input' : path} <==\n`);
    yield* print(last(got.text, n, bytes));
    followed.push({ path, at: got.text.length });
  }
  if (follow) yield* followAll(proc, followed, titled);
  return status;
}

function last(text: string, n: { sign: string; value: number }, bytes: boolean): string {
  if (bytes) {
    const all = textToBytes(text);
    return bytesToText(n.sign === '+' ? all.slice(Math.max(0, n.value - 1)) : n.value === 0 ? '' : all.slice(-n.value));
  }
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return (n.sign === '+' ? lines.slice(Math.max(0, n.value - 1)) : n.value === 0 ? [] : lines.slice(-n.value)).join('');
}

/** Prints what is appended, looking once a second, until it is interrupted. */
function* followAll(proc: Proc, files: { path: string; at: number }[], titled: boolean): Io<void> {
  let current = files[files.length - 1];
  if (files.length === 1 && current?.path === '-') {
    for (let chunk = yield* read(0); chunk !== null; chunk = yield* read(0)) yield* print(chunk);
    return;
  }
  while (files.length > 0) {
    yield* sleep(1_000_000);
    for (const file of files) {
      const text = vfsOf(proc).readFile(file.path);
      if (!text.ok || text.value.length === file.at) continue;
      if (text.value.length < file.at) {
        yield* printErr(`tail: ${file.path}: file truncated\n`);
        file.at = 0;
      }
      if (titled && current !== file) yield* print(`\n==> ${file.path} <==\n`);
      current = file;
      yield* print(text.value.slice(file.at));
      file.at = text.value.length;
    }
  }
}

export const command = defineCommand({
  name: 'tail',
  dir: '/usr/bin',
  summary: 'print the end of files',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-c=NUM -n=NUM -f -F -q -v'),
  run,
});
