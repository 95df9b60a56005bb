import type { Io, Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { getopt } from '../../text/getopt.ts';
import { compileRegex, RegexError } from '../../text/regex.ts';
import { defineCommand } from '../contract.ts';
import { linesOf, readInput } from '../files.ts';
import { notModelled, print, printErr, read } from '../io.ts';
import { optionDocs } from '../options.ts';
import { type GrepOptions, grepText } from './search.ts';

const SPEC = {
  short: 'EFGPoivwxcnhHlLqsrRe:f:m:A:B:C:bauzUyIT0123456789',
  long: {
    'extended-regexp': 'E',
    'fixed-strings': 'F',
    'basic-regexp': 'G',
    'perl-regexp': 'P',
    'only-matching': 'o',
    'ignore-case': 'i',
    'invert-match': 'v',
    'word-regexp': 'w',
    'line-regexp': 'x',
    count: 'c',
    'line-number': 'n',
    'no-filename': 'h',
    'with-filename': 'H',
    'files-with-matches': 'l',
    'files-without-match': 'L',
    quiet: 'q',
    silent: 'q',
    'no-messages': 's',
    recursive: 'r',
    'dereference-recursive': 'R',
    'regexp=': 'e',
    'file=': 'f',
    'max-count=': 'm',
    'after-context=': 'A',
    'before-context=': 'B',
    'context=': 'C',
    'color?': 'color',
    'colour?': 'color',
    text: 'a',
    'include=': 'include',
    'exclude=': 'exclude',
    'line-buffered': 'u',
    help: '',
    version: 'V',
  },
};
const USAGE = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n";

function* run(proc: Proc): Program {
  const name = (proc.argv[0] ?? 'grep').replace(/^.*\//, '');
  const parsed = getopt(proc.argv.slice(1), SPEC);
  if (parsed.error !== undefined) {
    yield* printErr(`${name}: ${parsed.error}\n${USAGE}`);
    return 2;
  }
  const keys = new Set(parsed.options.map((o) => o.key));
  const value = (key: string) => parsed.options.findLast((o) => o.key === key)?.value;
  for (const key of ['help', 'V', 'z', 'b', 'include', 'exclude'])
    if (keys.has(key)) return yield* notModelled(`grep ${key.length > 1 ? '--' : '-'}${key}`);
  const patterns: string[] = parsed.options.filter((o) => o.key === 'e').flatMap((o) => (o.value ?? '').split('\n'));
  for (const o of parsed.options.filter((p) => p.key === 'f')) {
    const got = yield* readInput(proc, o.value ?? '');
    if ('errno' in got) {
      yield* printErr(`${name}: ${o.value}: ${strerror(got.errno)}\n`);
      return 2;
    }
    patterns.push(...linesOf(got.text));
  }
  const operands = [...parsed.operands];
  if (!keys.has('e') && !keys.has('f')) {
    const first = operands.shift();
    if (first === undefined) {
      yield* printErr(USAGE);
      return 2;
    }
    patterns.push(...first.split('\n'));
  }
  const numeric: Record<string, number> = {};
  for (const key of ['m', 'A', 'B', 'C']) {
    const text = value(key);
    if (text === undefined) continue;
    if (!/^\d+$/.test(text)) {
      yield* printErr(`${name}: ${key === 'm' ? 'invalid max count' : `${text}: invalid context length argument`}\n`);
      return 2;
    }
    numeric[key] = Number(text);
  }
  const digits = parsed.options
    .filter((o) => /^\d$/.test(o.key))
    .map((o) => o.key)
    .join('');
  const context = numeric.C ?? (digits === '' ? 0 : Number(digits));
  const recursive = keys.has('r') || keys.has('R');
  let matcher: GrepOptions['find'];
  try {
    matcher = compile(patterns, keys, name);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    yield* printErr(
      `${name}: ${error.message.startsWith('Unmatched [') ? 'Invalid regular expression' : error.message}\n`,
    );
    return 2;
  }
  const files = yield* fileList(
    proc,
    operands.length > 0 ? operands : [recursive ? '.' : '-'],
    recursive,
    operands.length === 0,
  );
  const options: GrepOptions = {
    find: matcher,
    invert: keys.has('v'),
    only: keys.has('o'),
    count: keys.has('c'),
    number: keys.has('n'),
    list: keys.has('l') ? 'l' : keys.has('L') ? 'L' : null,
    quiet: keys.has('q'),
    max: numeric.m ?? Number.POSITIVE_INFINITY,
    after: numeric.A ?? context,
    before: numeric.B ?? context,
    named: keys.has('H') || (!keys.has('h') && (operands.length > 1 || recursive)),
    contexts: context > 0 || keys.has('A') || keys.has('B'),
    text: keys.has('a'),
    colour:
      value('color') === 'always' ||
      (keys.has('color') && value('color') !== 'never' && proc.fds.get(1)?.kind === 'tty'),
  };
  let matched = false;
  let failed = false;
  for (const path of files) {
    if (path === '-' && streams(options)) {
      try {
        matched = (yield* grepStream(options)) || matched;
      } catch (error) {
        if (!(error instanceof RegexError)) throw error;
        return yield* notModelled(`grep: this pattern on input of this length (${error.message})`);
      }
      continue;
    }
    const got = yield* readInput(proc, path);
    if ('errno' in got) {
      if (!keys.has('s')) yield* printErr(`${name}: ${path}: ${strerror(got.errno)}\n`);
      failed = failed || got.errno !== 'EISDIR';
      continue;
    }
    try {
      const result = grepText(got.text, path === '-' ? '(standard input)' : path, options);
      yield* print(result.out);
      matched = matched || result.matched;
    } catch (error) {
      if (!(error instanceof RegexError)) throw error;
      return yield* notModelled(`grep: this pattern on input of this length (${error.message})`);
    }
    if (matched && options.quiet) return 0;
  }
  return failed ? 2 : matched ? 0 : 1;
}

/** Whether each line can be answered as it arrives. */
const streams = (o: GrepOptions): boolean =>
  !(o.count || o.list || o.contexts || o.number || o.quiet) && o.max === Number.POSITIVE_INFINITY;

/** Standard input line by line, as it comes: `tcpdump -l | grep`. Answers whether a line was selected. */
function* grepStream(options: GrepOptions): Io<boolean> {
  let rest = '';
  let matched = false;
  for (;;) {
    const chunk = yield* read(0);
    const text = rest + (chunk ?? '');
    const end = chunk === null ? text.length : text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    const result = grepText(text.slice(0, end), '(standard input)', options);
    yield* print(result.out);
    matched = matched || result.matched;
    if (chunk === null) return matched;
  }
}

function compile(patterns: readonly string[], keys: ReadonlySet<string>, name: string): GrepOptions['find'] {
  const extended = keys.has('E') || name === 'egrep';
  const fixed = keys.has('F') || name === 'fgrep';
  const escapeRegex = (p: string) =>
    p.replace(extended || keys.has('P') ? /[\\^$.*+?()[\]{}|]/g : /[\\^$.*[\]]/g, '\\$&');
  const regexes = patterns.map((p) =>
    compileRegex(fixed ? escapeRegex(p) : p, {
      extended,
      perl: keys.has('P') && !fixed,
      ignoreCase: keys.has('i') || keys.has('y'),
    }),
  );
  const isWord = (c: string | undefined) => c !== undefined && /\w/.test(c);
  return (line, from) => {
    let best: { start: number; end: number } | null = null;
    for (const regex of regexes) {
      for (let at = from; at <= line.length; ) {
        const m = regex.exec(line, at);
        if (!m) break;
        const whole = !keys.has('x') || (m.index === 0 && m.end === line.length);
        const word = !keys.has('w') || (!isWord(line[m.index - 1]) && !isWord(line[m.end]) && m.end > m.index);
        if (whole && word) {
          if (!best || m.index < best.start || (m.index === best.start && m.end > best.end))
            best = { start: m.index, end: m.end };
          break;
        }
        at = m.index + 1;
      }
    }
    return best;
  };
}

function* fileList(proc: Proc, operands: readonly string[], recursive: boolean, implicit: boolean): Io<string[]> {
  if (!recursive) return [...operands];
  const vfs = vfsOf(proc);
  const out: string[] = [];
  const visit = (path: string, top: boolean, depth: number) => {
    if (out.length > 10_000 || depth > 60) return;
    const at = top ? vfs.stat(path) : vfs.lstat(path);
    if (!at.ok || at.value.type !== 'dir') {
      if (top || (at.ok && at.value.type !== 'symlink' && at.value.type !== 'device')) out.push(path);
      return;
    }
    const names = vfs.readdir(path);
    for (const n of names.ok ? names.value : [])
      visit(implicit && path === '.' ? n : `${path.replace(/\/$/, '')}/${n}`, false, depth + 1);
  };
  for (const path of operands) visit(path, true, 0);
  return out;
}

export const command = defineCommand({
  name: 'grep',
  aliases: ['egrep', 'fgrep'],
  dir: '/usr/bin',
  summary: 'print lines that match',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs(
    '-E -F -G -P -o -i -v -w -x -c -n -h -H -l -L -q -s -r -e=PATTERN -f=FILE -m=NUM -A=NUM -B=NUM -C=NUM --color=WHEN ! -z -b --include=GLOB',
  ),
  run,
});
