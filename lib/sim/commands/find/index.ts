import type { Io, Proc, Program } from '../../kernel/process.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { type Stat, vfsOf } from '../../shell/vfs/vfs.ts';
import { globMatch } from '../../text/glob.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr, runChild } from '../io.ts';
import { optionDocs } from '../options.ts';

interface Context {
  proc: Proc;
  path: string;
  depth: number;
  stat: Stat;
}
type Test = (c: Context) => Io<boolean>;

class FindError extends Error {}

const MAX_VISITED = 50_000;

class Parser {
  private at = 0;
  acts = false;
  maxDepth = Number.POSITIVE_INFINITY;
  minDepth = 0;
  unmodelled: string | null = null;

  constructor(private readonly args: readonly string[]) {}

  parse(): Test {
    if (this.args.length === 0) return always;
    const test = this.or();
    if (this.at < this.args.length) throw new FindError(`paths must precede expression: \`${this.args[this.at]}'`);
    return test;
  }

  private or(): Test {
    let a = this.and();
    while (this.args[this.at] === '-o' || this.args[this.at] === '-or') {
      this.at++;
      const left = a;
      const right = this.and();
      a = function* (c) {
        return (yield* left(c)) || (yield* right(c));
      };
    }
    return a;
  }

  private and(): Test {
    let a = this.not();
    while (
      this.at < this.args.length &&
      this.args[this.at] !== '-o' &&
      this.args[this.at] !== '-or' &&
      this.args[this.at] !== ')'
    ) {
      if (this.args[this.at] === '-a' || this.args[this.at] === '-and') this.at++;
      const left = a;
      const right = this.not();
      a = function* (c) {
        return (yield* left(c)) && (yield* right(c));
      };
    }
    return a;
  }

  private not(): Test {
    const token = this.args[this.at];
    if (token === '!' || token === '-not') {
      this.at++;
      const inner = this.not();
      return function* (c) {
        return !(yield* inner(c));
      };
    }
    if (token === '(') {
      this.at++;
      const inner = this.or();
      if (this.args[this.at] !== ')')
        throw new FindError('invalid expression; you have used a binary operator with nothing before it.');
      this.at++;
      return inner;
    }
    return this.primary();
  }

  private value(name: string): string {
    const v = this.args[this.at++];
    if (v === undefined) throw new FindError(`missing argument to \`${name}'`);
    return v;
  }

  private primary(): Test {
    const name = this.args[this.at++] ?? '';
    if (!name.startsWith('-')) throw new FindError(`paths must precede expression: \`${name}'`);
    switch (name) {
      case '-name':
      case '-iname': {
        const pattern = this.value(name);
        return pure((c) =>
          globMatch(pattern, c.path.replace(/\/+$/, '').replace(/^.*\/(?=.)/, '') || '/', {
            ignoreCase: name === '-iname',
            extglob: false,
          }),
        );
      }
      case '-path':
      case '-wholename': {
        const pattern = this.value(name);
        return pure((c) => globMatch(pattern, c.path, { extglob: false }));
      }
      case '-type': {
        const types = this.value(name).split(',');
        const letter = (c: Context) =>
          c.stat.type === 'dir' ? 'd' : c.stat.type === 'symlink' ? 'l' : c.stat.type === 'device' ? 'c' : 'f';
        if (types.some((t) => !/^[bcdpfls]$/.test(t)))
          throw new FindError(`Unknown argument to -type: ${types.join(',')}`);
        return pure((c) => types.includes(letter(c)));
      }
      case '-maxdepth':
      case '-mindepth': {
        const text = this.value(name);
        if (!/^\d+$/.test(text))
          throw new FindError(`Expected a positive decimal integer argument to ${name}, but got '${text}'`);
        if (name === '-maxdepth') this.maxDepth = Number(text);
        else this.minDepth = Number(text);
        return always;
      }
      case '-empty':
        return pure((c) =>
          c.stat.node.type === 'dir' ? c.stat.node.entries.size === 0 : c.stat.type === 'file' && c.stat.size === 0,
        );
      case '-size': {
        const m = /^([-+]?)(\d+)([bcwkMG]?)$/.exec(this.value(name));
        if (!m) throw new FindError('Invalid argument to -size');
        const unit = { '': 512, b: 512, c: 1, w: 2, k: 1024, M: 1048576, G: 1073741824 }[m[3] as ''] ?? 512;
        const n = Number(m[2]);
        return pure((c) => {
          const size = Math.ceil(c.stat.size / unit);
          return m[1] === '+' ? size > n : m[1] === '-' ? size < n : size === n;
        });
      }
      case '-true':
        return always;
      case '-false':
        return pure(() => false);
      case '-print':
      case '-print0': {
        this.acts = true;
        const end = name === '-print' ? '\n' : '\0';
        return function* (c) {
          yield* print(c.path + end);
          return true;
        };
      }
      case '-delete':
        this.acts = true;
        return remove;
      case '-exec':
        return this.exec();
      default:
        if (
          /^-(?:mtime|newer|perm|user|group|prune|regex|iregex|printf|ls|mmin|execdir|ok|inum|links|depth|quit|samefile|xdev|mount|daystart|L|P|H|lname|cmin|ctime|atime|amin|readable|writable|executable)$/.test(
            name,
          )
        ) {
          this.unmodelled = name;
          this.at = this.args.length;
          return always;
        }
        throw new FindError(`unknown predicate \`${name}'`);
    }
  }

  /** Commands of `-exec … +`: they run once, at the end. */
  readonly batches: { argv: string[]; paths: string[] }[] = [];

  private exec(): Test {
    this.acts = true;
    const end = this.args.findIndex((a, i) => i >= this.at && (a === ';' || (a === '+' && this.args[i - 1] === '{}')));
    if (end < 0) throw new FindError("missing argument to `-exec'");
    const argv = this.args.slice(this.at, end);
    this.at = end + 1;
    if (this.args[end] === '+') {
      const batch: string[] = [];
      this.batches.push({ argv: argv.slice(0, -1), paths: batch });
      return function* (c) {
        batch.push(c.path);
        return true;
      };
    }
    return function* (c) {
      const words = argv.map((a) => a.replaceAll('{}', c.path));
      const status = yield* runChild(c.proc, { argv: words });
      if (status === 127) yield* printErr(`find: ‘${words[0]}’: No such file or directory\n`);
      return status === 0;
    };
  }
}

const pure = (test: (c: Context) => boolean): Test =>
  function* (c) {
    return test(c);
  };
const always = pure(() => true);

function* remove(c: Context): Io<boolean> {
  const vfs = vfsOf(c.proc);
  const done = c.stat.type === 'dir' ? vfs.rmdir(c.path) : vfs.unlink(c.path);
  if (done.ok) return true;
  yield* printErr(`find: cannot delete ‘${c.path}’: ${strerror(done.errno)}\n`);
  return false;
}

function* run(proc: Proc): Program {
  const args = proc.argv.slice(1);
  const paths: string[] = [];
  while (args[0] !== undefined && !/^(?:-.|!$|\()/.test(args[0])) paths.push(args.shift() as string);
  const parser = new Parser(args);
  let test: Test;
  try {
    test = parser.parse();
  } catch (error) {
    if (!(error instanceof FindError)) throw error;
    yield* printErr(`find: ${error.message}\n`);
    return 1;
  }
  if (parser.unmodelled) return yield* notModelled(`find ${parser.unmodelled}`);
  const vfs = vfsOf(proc);
  const deepFirst = args.includes('-delete');
  let status = 0;
  let visited = 0;
  const visit = function* (path: string, depth: number): Io<void> {
    const stat = vfs.lstat(path);
    if (!stat.ok) {
      yield* printErr(`find: ‘${path}’: ${strerror(stat.errno)}\n`);
      status = 1;
      return;
    }
    if (++visited > MAX_VISITED || depth > 200) return;
    const here = function* (): Io<void> {
      if (depth < parser.minDepth) return;
      if ((yield* test({ proc, path, depth, stat: stat.value })) && !parser.acts) yield* print(`${path}\n`);
    };
    if (!deepFirst) yield* here();
    if (stat.value.type === 'dir' && depth < parser.maxDepth) {
      const names = vfs.readdir(path);
      for (const name of names.ok ? names.value : []) yield* visit(`${path.replace(/\/$/, '')}/${name}`, depth + 1);
    }
    if (deepFirst) yield* here();
  };
  for (const path of paths.length > 0 ? paths : ['.']) yield* visit(path, 0);
  for (const { argv, paths: found } of parser.batches) {
    if (found.length === 0) continue;
    const ended = yield* runChild(proc, { argv: [...argv, ...found] });
    if (ended === 127) yield* printErr(`find: ‘${argv[0]}’: No such file or directory\n`);
    if (ended !== 0) status = 1;
  }
  return status;
}

export const command = defineCommand({
  name: 'find',
  dir: '/usr/bin',
  summary: 'search for files',
  images: ['node', 'netshoot', 'busybox'],
  options: optionDocs(
    '-name=PATTERN -iname=PATTERN -path=PATTERN -type=LETTERS -maxdepth=N -mindepth=N -size=N -empty -print -print0 -delete -exec=COMMAND ! -mtime -newer -perm -user -printf -regex -prune',
  ),
  run,
});
