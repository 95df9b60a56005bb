import { closeFd } from '../../kernel/files.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { copyOut, coreutilsOptions, linesOf, openInput, programName, tryPrint } from '../files.ts';
import { printErr, readAll } from '../io.ts';
import { optionDocs } from '../options.ts';

const SPEC = {
  short: 'AbeEnstTuv',
  long: {
    'show-all': 'A',
    'number-nonblank': 'b',
    'show-ends': 'E',
    number: 'n',
    'squeeze-blank': 's',
    'show-tabs': 'T',
    'show-nonprinting': 'v',
  },
};

function* run(proc: Proc): Program {
  const parsed = yield* coreutilsOptions(proc, SPEC);
  if (typeof parsed === 'number') return parsed;
  const keys = new Set(parsed.options.map((o) => o.key).filter((k) => k !== 'u'));
  const state = { line: 0, blank: false };
  let status = 0;
  for (const path of parsed.operands.length > 0 ? parsed.operands : ['-']) {
    const file = openInput(proc, path);
    if ('errno' in file) {
      yield* printErr(`${programName(proc)}: ${path}: ${strerror(file.errno)}\n`);
      status = 1;
      continue;
    }
    if (isOutput(proc, file.fd)) {
      yield* printErr(`${programName(proc)}: ${path}: input file is output file\n`);
      if (file.fd !== 0) closeFd(proc, file.fd);
      status = 1;
      continue;
    }
    const errno =
      keys.size === 0 ? yield* copyOut(file.fd) : yield* tryPrint(decorate(yield* readAll(file.fd), keys, state));
    if (file.fd !== 0) closeFd(proc, file.fd);
    if (errno) {
      yield* printErr(`${programName(proc)}: write error: ${strerror(errno)}\n`);
      return 1;
    }
  }
  return status;
}

/** Whether standard output is the file that is read: what is written would be read again without end. */
function isOutput(proc: Proc, fd: number): boolean {
  const [input, output] = [proc.fds.get(fd), proc.fds.get(1)];
  if (input?.kind !== 'file' || output?.kind !== 'file' || input.path !== output.path) return false;
  const stat = vfsOf(proc).stat(input.path);
  return stat.ok && stat.value.size > 0;
}

function decorate(text: string, keys: ReadonlySet<string>, state: { line: number; blank: boolean }): string {
  const has = (...letters: string[]) => letters.some((l) => keys.has(l));
  let out = '';
  const complete = text.endsWith('\n');
  const lines = linesOf(text);
  lines.forEach((line, i) => {
    if (has('s') && line === '' && state.blank) return;
    state.blank = line === '';
    let shown = line;
    if (has('v', 'A', 'e', 't')) shown = visible(shown);
    if (has('T', 'A', 't')) shown = shown.replace(/\t/g, '^I');
    const numbered = has('b') ? line !== '' : has('n');
    if (numbered) shown = `${String(++state.line).padStart(6)}\t${shown}`;
    const newline = complete || i < lines.length - 1;
    out += shown + (newline ? (has('E', 'A', 'e') ? '$\n' : '\n') : '');
  });
  return out;
}

const visible = (text: string): string =>
  text.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, (c) =>
    c === '\x7f' ? '^?' : `^${String.fromCharCode(c.charCodeAt(0) + 64)}`,
  );

export const command = defineCommand({
  name: 'cat',
  dir: '/usr/bin',
  summary: 'print files',
  images: ['node', 'netshoot', 'busybox', 'http'],
  options: optionDocs('-A -b -e -E -n -s -t -T -u -v'),
  run,
});
