/** What everyday programs share: reading named files or standard input, their option errors, checked output. */
import { closeFd } from '../kernel/files.ts';
import type { FileDesc, Io, Proc } from '../kernel/process.ts';
import { strerror } from '../shell/vfs/errno.ts';
import { vfsOf } from '../shell/vfs/vfs.ts';
import { getopt, type OptionSpec, type ParsedOptions } from '../text/getopt.ts';
import { notModelled, print, printErr, read, readAll } from './io.ts';

/** A program's name in its messages: argv[0] as it was called. */
export const programName = (proc: Proc): string => proc.argv[0] ?? '';

/** Parses a program's arguments as coreutils do; a number is its exit status after the usage error has been told. */
export function* coreutilsOptions(proc: Proc, spec: OptionSpec, status = 1): Io<ParsedOptions | number> {
  const parsed = getopt(proc.argv.slice(1), { ...spec, long: { ...spec.long, help: '', version: '' } });
  const name = programName(proc);
  if (parsed.error !== undefined) {
    yield* printErr(`${name}: ${parsed.error}\nTry '${name} --help' for more information.\n`);
    return status;
  }
  const unknown = ['help', 'version', ...(spec.notModelled ?? [])];
  const refused = parsed.options.find((o) => unknown.includes(o.key));
  if (refused) return yield* notModelled(`${name} ${refused.key.length > 1 ? '--' : '-'}${refused.key}`);
  return parsed;
}

/** Opens a file to read; `-` is standard input. Answers its descriptor, or an errno name. */
export function openInput(proc: Proc, path: string): { fd: number } | { errno: string } {
  if (path === '-') return { fd: 0 };
  const at = vfsOf(proc).open(path, 'r');
  if (!at.ok) return { errno: at.errno };
  const stat = vfsOf(proc).stat(path);
  if (stat.ok && stat.value.type === 'dir') return { errno: 'EISDIR' };
  return { fd: install(proc, at.value) };
}

/** Gives an open file the lowest free descriptor. */
export function install(proc: Proc, file: FileDesc): number {
  let fd = 3;
  while (proc.fds.has(fd)) fd++;
  if (file.kind === 'pipe') file.pipe[file.end === 'read' ? 'readers' : 'writers']++;
  proc.fds.set(fd, file);
  return fd;
}

/** All of a file; `-` is standard input. Answers text or an errno name. */
export function* readInput(proc: Proc, path: string): Io<{ text: string } | { errno: string }> {
  const file = openInput(proc, path);
  if ('errno' in file) return file;
  const text = yield* readAll(file.fd);
  if (file.fd !== 0) closeFd(proc, file.fd);
  return { text };
}

/** The files' texts one after another (standard input when there is none); tells of those that cannot be read. */
export function* eachInput(
  proc: Proc,
  paths: readonly string[],
): Io<{ inputs: { path: string; text: string }[]; failed: boolean }> {
  const inputs: { path: string; text: string }[] = [];
  let failed = false;
  for (const path of paths.length > 0 ? paths : ['-']) {
    const got = yield* readInput(proc, path);
    if ('text' in got) inputs.push({ path, text: got.text });
    else {
      failed = true;
      yield* printErr(`${programName(proc)}: ${readError(programName(proc), path, got.errno)}\n`);
    }
  }
  return { inputs, failed };
}

const readError = (name: string, path: string, errno: string): string => {
  const opens = ['head', 'tail'].includes(name) && errno !== 'EISDIR';
  if (opens) return `cannot open '${path}' for reading: ${strerror(errno)}`;
  if (['head', 'tail'].includes(name)) return `error reading '${path}': ${strerror(errno)}`;
  if (name === 'sort' && errno !== 'EISDIR') return `cannot read: ${path}: ${strerror(errno)}`;
  if (name === 'sort') return `read failed: ${path}: ${strerror(errno)}`;
  return `${path}: ${strerror(errno)}`;
};

/** Lines without their newlines; a last line without one counts. */
export function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  return lines;
}

/** Writes to standard output; answers an errno name when the file takes no more. */
export function* tryPrint(text: string, fd = 1): Io<string | null> {
  if (text === '') return null;
  return ((yield { op: 'write', fd, data: text }) as string | null | undefined) ?? null;
}

/** Copies a descriptor to standard output until its end. An errno name, or null. */
export function* copyOut(fd: number): Io<string | null> {
  for (let chunk = yield* read(fd); chunk !== null; chunk = yield* read(fd)) {
    const errno = yield* tryPrint(chunk);
    if (errno) return errno;
  }
  return null;
}

/** The last value an option was given. */
export const lastOption = (parsed: ParsedOptions, key: string): string | undefined =>
  parsed.options.findLast((o) => o.key === key)?.value;

export const hasOption = (parsed: ParsedOptions, key: string): boolean => parsed.options.some((o) => o.key === key);

/** Text in the quotes that coreutils put around names. */
export const quoteName = (name: string): string =>
  /[\n\t']/.test(name)
    ? `'${name.replace(/'/g, "'\\''").replace(/\n/g, "'$'\\n''").replace(/\t/g, "'$'\\t''")}'`
    : `'${name}'`;

export { print };
