/** diff of diffutils 3.8: normal and unified output of two files. */
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { getopt } from '../../text/getopt.ts';
import { strftime } from '../../text/strftime.ts';
import { defineCommand } from '../contract.ts';
import { readInput } from '../files.ts';
import { notModelled, print, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { type Change, changesOf } from './script.ts';

const MARK = '\\ No newline at end of file\n';
const TRY = "diff: Try 'diff --help' for more information.\n";

/** Lines with their newlines. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
const put = (sign: string, line: string): string => (line.endsWith('\n') ? sign + line : `${sign}${line}\n${MARK}`);

function normal(a: readonly string[], b: readonly string[], changes: readonly Change[]): string {
  const range = (from: number, end: number) => (end - from <= 1 ? String(end) : `${from + 1},${end}`);
  return changes
    .map(({ from, fromEnd, to, toEnd }) => {
      const kind = from === fromEnd ? 'a' : to === toEnd ? 'd' : 'c';
      const old = a.slice(from, fromEnd).map((l) => put('< ', l));
      const fresh = b.slice(to, toEnd).map((l) => put('> ', l));
      return `${range(from, fromEnd)}${kind}${range(to, toEnd)}\n${old.join('')}${kind === 'c' ? '---\n' : ''}${fresh.join('')}`;
    })
    .join('');
}

function unified(a: readonly string[], b: readonly string[], changes: readonly Change[], context: number): string {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1);
    if (last && change.from - last.fromEnd <= 2 * context) hunks.at(-1)?.push(change);
    else hunks.push([change]);
  }
  const range = (from: number, end: number) =>
    end - from === 1 ? String(end) : `${end === from ? from : from + 1},${end - from}`;
  let out = '';
  for (const hunk of hunks) {
    const first = hunk[0] as Change;
    const last = hunk.at(-1) as Change;
    const lead = Math.min(context, first.from);
    const trail = Math.min(context, a.length - last.fromEnd);
    out += `@@ -${range(first.from - lead, last.fromEnd + trail)} +${range(first.to - lead, last.toEnd + trail)} @@\n`;
    let at = first.from - lead;
    for (const change of hunk) {
      for (; at < change.from; at++) out += put(' ', a[at] as string);
      for (; at < change.fromEnd; at++) out += put('-', a[at] as string);
      for (const line of b.slice(change.to, change.toEnd)) out += put('+', line);
    }
    for (; at < last.fromEnd + trail; at++) out += put(' ', a[at] as string);
  }
  return out;
}

/** A file's line in the head of unified output. */
function* heading(proc: Proc, sign: string, path: string): Io<void> {
  const at = path === '-' ? null : vfsOf(proc).stat(path);
  const micros = at?.ok ? at.value.mtime : proc.world.now;
  const seconds = Math.floor(micros / 1e6);
  const time = strftime('%Y-%m-%d %H:%M:%S', proc.world.epoch + seconds, 0);
  yield* print(`${sign} ${path}\t${time}.${String((micros - seconds * 1e6) * 1000).padStart(9, '0')} +0000\n`);
}

function* run(proc: Proc): Program {
  const parsed = getopt(proc.argv.slice(1), {
    short: 'uU:qsrNbwBiay',
    long: { unified: 'u', brief: 'q', 'report-identical-files': 's', text: 'a', recursive: 'r' },
  });
  if (parsed.error !== undefined) {
    yield* printErr(`diff: ${parsed.error}\n${TRY}`);
    return 2;
  }
  const has = (key: string) => parsed.options.some((o) => o.key === key);
  for (const key of 'rNbwBiy') if (has(key)) return yield* notModelled(`diff -${key}`);
  const [left, right, extra] = parsed.operands;
  if (left === undefined || right === undefined || extra !== undefined) {
    const last = parsed.operands.at(-1) ?? 'diff';
    yield* printErr(
      `diff: ${extra !== undefined ? `extra operand '${extra}'` : `missing operand after '${last}'`}\n${TRY}`,
    );
    return 2;
  }
  const texts: string[] = [];
  let status = 0;
  for (const path of [left, right]) {
    const at = path === '-' ? null : vfsOf(proc).stat(path);
    if (at?.ok && at.value.type === 'dir') return yield* notModelled('diff of directories');
    const got = yield* readInput(proc, path);
    if ('text' in got) texts.push(got.text);
    else {
      yield* printErr(`diff: ${path}: ${strerror(got.errno)}\n`);
      status = 2;
    }
  }
  if (status !== 0) return status;
  const [old = '', fresh = ''] = texts;
  if (old === fresh) {
    if (has('s')) yield* print(`Files ${left} and ${right} are identical\n`);
    return 0;
  }
  if (has('q')) {
    yield* print(`Files ${left} and ${right} differ\n`);
    return 1;
  }
  const a = linesOf(old);
  const b = linesOf(fresh);
  const changes = changesOf(a, b);
  if (!changes) return yield* notModelled('diff of files this large');
  if (!has('u') && !has('U')) yield* print(normal(a, b, changes));
  else {
    const context = Number(parsed.options.find((o) => o.key === 'U')?.value ?? 3);
    if (!Number.isInteger(context) || context < 0) {
      yield* printErr(`diff: invalid context length '${parsed.options.find((o) => o.key === 'U')?.value}'\n${TRY}`);
      return 2;
    }
    yield* heading(proc, '---', left);
    yield* heading(proc, '+++', right);
    yield* print(unified(a, b, changes, context));
  }
  return 1;
}

export const command = defineCommand({
  name: 'diff',
  dir: '/usr/bin',
  summary: 'compare files line by line',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs('-u -U=LINES -q -s ! -r -N -b -w -B -i -y'),
  run,
});
