import { closeFd } from '../../kernel/files.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { bytesToText, textToBytes } from '../../text/utf8.ts';
import { defineCommand } from '../contract.ts';
import { coreutilsOptions, hasOption, openInput } from '../files.ts';
import { print, printErr, read, readAll } from '../io.ts';
import { optionDocs } from '../options.ts';
import { parseCount } from '../tail/count.ts';

const SPEC = {
  short: 'c:n:qvz',
  notModelled: ['z'],
  long: { 'bytes=': 'c', 'lines=': 'n', quiet: 'q', silent: 'q', verbose: 'v' },
};

function* run(proc: Proc): Program {
  const first = /^-(\d+)$/.exec(proc.argv[1] ?? '');
  if (first) proc.argv.splice(1, 1, '-n', first[1] as string);
  const parsed = yield* coreutilsOptions(proc, SPEC);
  if (typeof parsed === 'number') return parsed;
  const chosen = parsed.options.findLast((o) => o.key === 'n' || o.key === 'c');
  const bytes = chosen?.key === 'c';
  const n = parseCount(chosen?.value ?? '10');
  if (!n) {
    yield* printErr(`head: invalid number of ${bytes ? 'bytes' : 'lines'}: '${chosen?.value}'\n`);
    return 1;
  }
  const files = parsed.operands.length > 0 ? parsed.operands : ['-'];
  const titled = hasOption(parsed, 'v') || (files.length > 1 && !hasOption(parsed, 'q'));
  let status = 0;
  let shown = 0;
  for (const path of files) {
    const file = openInput(proc, path);
    if ('errno' in file && file.errno !== 'EISDIR') {
      yield* printErr(`head: cannot open '${path}' for reading: ${strerror(file.errno)}\n`);
      status = 1;
      continue;
    }
    if (titled) yield* print(`${shown++ > 0 ? '\n' : ''}==> ${path === '-' ? 'standard input' : path} <==\n`);
    if ('errno' in file) {
      yield* printErr(`head: error reading '${path}': ${strerror(file.errno)}\n`);
      status = 1;
      continue;
    }
    yield* n.sign === '-' ? allBut(file.fd, n.value, bytes) : firstOf(file.fd, n.value, bytes);
    if (file.fd !== 0) closeFd(proc, file.fd);
  }
  return status;
}

function* firstOf(fd: number, n: number, bytes: boolean): Io<void> {
  let left = n;
  while (left > 0) {
    const chunk = yield* read(fd, bytes ? left : undefined);
    if (chunk === null) return;
    if (bytes) {
      const taken = textToBytes(chunk).slice(0, left);
      yield* print(bytesToText(taken));
      left -= taken.length;
      continue;
    }
    let end = 0;
    while (left > 0 && end < chunk.length) {
      const at = chunk.indexOf('\n', end);
      if (at < 0) end = chunk.length;
      else {
        end = at + 1;
        left--;
      }
    }
    yield* print(chunk.slice(0, end));
  }
}

function* allBut(fd: number, n: number, bytes: boolean): Io<void> {
  const text = yield* readAll(fd);
  if (bytes) {
    const all = textToBytes(text);
    yield* print(bytesToText(all.slice(0, Math.max(0, all.length - n))));
  } else {
    const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    yield* print(lines.slice(0, Math.max(0, lines.length - n)).join(''));
  }
}

export const command = defineCommand({
  name: 'head',
  dir: '/usr/bin',
  summary: 'print the beginning of files',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-c=NUM -n=NUM -q -v ! -z'),
  run,
});
