/** sysctl(8) of procps-ng 4.0. */
import type { Proc, Program } from '../../kernel/process.ts';
import { sysctlKey, sysctlPaths } from '../../linux/sysctl/list.ts';
import { getSysctl, setSysctl } from '../../linux/sysctl/sysctl.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { STRERROR } from '../../text/iproute.ts';
import { defineCommand } from '../contract.ts';
import { print, printErr } from '../io.ts';
import { parseOptions, type SysctlOptions, USAGE } from './options.ts';

/** A name as written: the first separator decides whether `/` or `.` parts it. */
function pathOf(name: string): string[] {
  const slash = name.indexOf('/');
  const dot = name.indexOf('.');
  if (slash >= 0 && (dot < 0 || slash < dot))
    return name
      .replace(/^\/?proc\/sys\//, '')
      .split('/')
      .filter((p) => p !== '');
  return name.split('.').map((part) => part.replaceAll('/', '.'));
}

/** A path as sysctl prints it. */
const shownName = (path: readonly string[]): string => path.map((part) => part.replaceAll('.', '/')).join('.');

class Run {
  /** What it prints, in order: it flushes its output before each complaint. */
  readonly said: { err: boolean; text: string }[] = [];
  failed = false;
  constructor(
    readonly proc: Proc,
    readonly opts: SysctlOptions,
  ) {}

  private get place() {
    return [this.proc.world, this.proc.host, this.proc.netns] as const;
  }

  private out(text: string): void {
    this.said.push({ err: false, text });
  }

  private warn(message: string): void {
    this.said.push({ err: true, text: `sysctl: ${message}\n` });
  }

  private fail(message: string): void {
    this.warn(message);
    this.failed = true;
  }

  private show(path: readonly string[], value: string): void {
    const { opts } = this;
    if (opts.namesOnly) this.out(`${shownName(path)}\n`);
    else if (opts.binary) this.out(value);
    else if (opts.valuesOnly) this.out(`${value}\n`);
    else for (const line of value.split('\n')) this.out(`${shownName(path)} = ${line}\n`);
  }

  private missing(path: readonly string[]): void {
    if (!this.opts.ignore) this.fail(`cannot stat /proc/sys/${path.join('/')}: No such file or directory`);
  }

  /** Prints a key, or every key below a directory. */
  read(path: readonly string[]): void {
    const value = getSysctl(...this.place, sysctlKey(path));
    if (value !== null) {
      this.show(path, value);
      return;
    }
    const below = sysctlPaths(this.place[1], this.place[2]).filter(
      (p) => p.length > path.length && path.every((part, i) => p[i] === part),
    );
    if (below.length === 0) this.missing(path);
    for (const p of below) this.show(p, getSysctl(...this.place, sysctlKey(p)) ?? '');
  }

  all(): void {
    for (const path of sysctlPaths(this.place[1], this.place[2])) {
      if (this.opts.pattern && !this.opts.pattern.test(shownName(path))) continue;
      this.show(path, getSysctl(...this.place, sysctlKey(path)) ?? '');
    }
  }

  write(path: readonly string[], value: string, quietly: boolean): void {
    const key = sysctlKey(path);
    if (getSysctl(...this.place, key) === null) {
      if (!quietly) this.missing(path);
      return;
    }
    const errno = this.opts.dryRun ? null : setSysctl(...this.place, key, value);
    if (errno === 'EACCES') {
      // A file that cannot be opened for writing: said so, and taken for done.
      this.warn(`setting key "${shownName(path)}": Invalid argument`);
      return;
    }
    if (errno) {
      if (!quietly) this.fail(`setting key "${shownName(path)}": ${STRERROR[errno] ?? errno}`);
      return;
    }
    if (!this.opts.quiet) this.show(path, value);
  }

  /** One word of the command line. */
  word(word: string): void {
    const equals = word.indexOf('=');
    // One character makes no setting, and no message either.
    if (this.opts.write && word.length === 1) this.failed = true;
    else if (equals === 0) this.fail('Path is not under /proc/sys/: /proc/sys/');
    else if (equals > 0) this.write(pathOf(word.slice(0, equals).trim()), word.slice(equals + 1).trim(), false);
    else if (this.opts.write) this.fail('command line(0): invalid syntax, continuing...');
    else this.read(pathOf(word));
  }

  /** A configuration file: sysctl.conf(5). */
  load(name: string): void {
    const file = vfsOf(this.proc).readFile(name);
    if (!file.ok) {
      this.fail(`cannot open "${name}": ${STRERROR[file.errno] ?? file.errno}`);
      return;
    }
    for (const [i, raw] of file.value.split('\n').entries()) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
      const ignore = line.startsWith('-');
      const body = ignore ? line.slice(1).trim() : line;
      const equals = body.indexOf('=');
      if (equals < 0) {
        this.warn(`${name}(${i + 1}): invalid syntax, continuing...`);
        continue;
      }
      const key = body.slice(0, equals).trim();
      if (this.opts.pattern && !this.opts.pattern.test(key)) continue;
      this.write(pathOf(key), body.slice(equals + 1).trim(), ignore && this.opts.ignore);
    }
  }

  /** `--system`: the configuration directories in order of file name, then /etc/sysctl.conf. */
  system(): void {
    const fs = vfsOf(this.proc);
    const found = new Map<string, string>();
    for (const dir of ['/usr/lib/sysctl.d', '/usr/local/lib/sysctl.d', '/run/sysctl.d', '/etc/sysctl.d']) {
      const names = fs.readdir(dir);
      if (names.ok) for (const name of names.value) if (name.endsWith('.conf')) found.set(name, `${dir}/${name}`);
    }
    const files = [...found.keys()].sort().map((name) => found.get(name) as string);
    if (fs.exists('/etc/sysctl.conf')) files.push('/etc/sysctl.conf');
    if (!this.opts.quiet) for (const file of files) this.out(`* Applying ${file} ...\n`);
    for (const file of files) this.load(file);
  }
}

function* run(proc: Proc): Program {
  const opts = parseOptions(proc.argv.slice(1));
  if ('error' in opts) {
    yield* printErr(opts.error);
    yield* print(USAGE);
    return 0;
  }
  if (opts.version) {
    yield* print('sysctl from procps-ng 4.0.2\n');
    return 0;
  }
  if (opts.help) {
    yield* print(USAGE);
    return 0;
  }
  const task = new Run(proc, opts);
  if (opts.system) task.system();
  else if (opts.all) task.all();
  else if (opts.load) for (const file of opts.words.length > 0 ? opts.words : [opts.load]) task.load(file);
  else if (proc.argv.length === 1) {
    yield* printErr(USAGE);
    return 1;
  } else if (opts.words.length === 0) {
    yield* printErr("sysctl: no variables specified\nTry `sysctl --help' for more information.\n");
    return 1;
  } else for (const word of opts.words) task.word(word);
  for (const { err, text } of task.said) yield* err ? printErr(text) : print(text);
  return task.failed ? 1 : 0;
}

export const command = defineCommand({
  name: 'sysctl',
  dir: '/usr/sbin',
  summary: 'Kernel parameters',
  images: ['node', 'netshoot', 'busybox'],
  options: ['-a', '-b', '-e', '-f', '-n', '-N', '-p', '-q', '-r', '-w', '--system', '--dry-run', '-V', '-h'].map(
    (flag) => ({ flag, modelled: true }),
  ),
  run,
  complete: ({ proc, word }) =>
    sysctlPaths(proc.host, proc.netns)
      .map(shownName)
      .filter((name) => name.startsWith(word)),
});
