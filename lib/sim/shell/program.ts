/** Finding programs as execvp(3) does. */
import type { Proc, Program } from '../kernel/process.ts';
import type { DirNode, FileNode, VNode } from './vfs/types.ts';
import { vfsOf } from './vfs/vfs.ts';

export type Found =
  | { ok: true; path: string; argv: string[]; main: (proc: Proc) => Program }
  /** ENOENT, EACCES, EISDIR, ENOTDIR, ENOEXEC … */
  | { ok: false; errno: string; path: string };

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The program that `argv[0]` names for `proc`: by PATH, or by path when it has a slash. `argv` of the answer is what
 * it starts with (a script's interpreter goes first). `env` is the environment whose PATH counts.
 */
export function findProgram(proc: Proc, argv: readonly string[], env: ReadonlyMap<string, string> = proc.env): Found {
  const name = argv[0] ?? '';
  if (name.includes('/')) return executable(proc, name, argv);
  const path = lookPath(proc, name, env.get('PATH') ?? DEFAULT_PATH);
  return path === null ? { ok: false, errno: 'ENOENT', path: name } : executable(proc, path, argv);
}

/** The directories of the PATH asked for last, each with its parts; null where it is no plain absolute path. */
let split: { path: string; dirs: { dir: string; parts: string[] | null }[] } = { path: '', dirs: [] };

function dirsOf(path: string): typeof split.dirs {
  if (split.path !== path) {
    const dirs = path.split(':').map((dir) => ({ dir: dir === '' ? '.' : dir, parts: partsOf(dir) }));
    split = { path, dirs };
  }
  return split.dirs;
}

function partsOf(dir: string): string[] | null {
  const parts = dir.split('/').slice(1);
  return dir.startsWith('/') && parts.every((p) => p !== '' && p !== '.' && p !== '..') ? parts : null;
}

/** What a directory of the tree has by a name; null when links or mounts stand in the way, undefined when it has nothing. */
function entryIn(root: DirNode, parts: readonly string[], name: string): VNode | null | undefined {
  let dir = root;
  for (const part of parts) {
    if (dir.mount !== undefined) return null;
    const next = dir.entries.get(part);
    if (!next) return undefined;
    if (next.type !== 'dir') return null;
    dir = next;
  }
  if (dir.mount !== undefined) return null;
  const found = dir.entries.get(name);
  return found?.type === 'symlink' ? null : found;
}

/** Where PATH finds `name`; null when nowhere. Every command asks, and most directories have no such name. */
export function lookPath(proc: Proc, name: string, path: string): string | null {
  if (name === '') return null;
  const plain = !name.includes('/') && name !== '.' && name !== '..';
  for (const { dir, parts } of dirsOf(path)) {
    const entry = plain && parts ? entryIn(proc.root, parts, name) : null;
    if (entry === undefined) continue;
    const file = `${dir}/${name}`;
    const at = entry ?? nodeAt(proc, file);
    if (at?.type === 'file' && (at.mode & 0o111) !== 0) return file;
  }
  return null;
}

function nodeAt(proc: Proc, path: string): VNode | null {
  const at = vfsOf(proc).stat(path);
  return at.ok ? at.value.node : null;
}

function executable(proc: Proc, path: string, argv: readonly string[]): Found {
  const at = vfsOf(proc).stat(path);
  if (!at.ok) return { ok: false, errno: at.errno, path };
  const { node } = at.value;
  if (node.type === 'dir') return { ok: false, errno: 'EISDIR', path };
  if (node.type !== 'file' || (node.mode & 0o111) === 0) return { ok: false, errno: 'EACCES', path };
  if (node.program !== undefined) {
    const command = proc.machine.commands.get(node.program);
    return command
      ? { ok: true, path, argv: [...argv], main: (p) => command.run(p) }
      : { ok: false, errno: 'ENOEXEC', path };
  }
  return script(proc, node, path, argv);
}

function script(proc: Proc, node: FileNode, path: string, argv: readonly string[]): Found {
  const shebang = /^#![ \t]*(\S+)[ \t]*([^\n]*?)[ \t]*\n/.exec(`${node.data.slice(0, 256)}\n`);
  const [, interpreter = '/bin/bash', argument = ''] = shebang ?? [];
  const words = argument === '' ? [] : [argument];
  if (/\/env$/.test(interpreter) && argument !== '') return withInterpreter(proc, argument, [], path, argv);
  return withInterpreter(proc, interpreter, words, path, argv);
}

function withInterpreter(
  proc: Proc,
  interpreter: string,
  words: string[],
  path: string,
  argv: readonly string[],
): Found {
  const name = interpreter.slice(interpreter.lastIndexOf('/') + 1);
  const command = proc.machine.commands.get(name);
  if (!command) return { ok: false, errno: 'ENOENT', path };
  return { ok: true, path, argv: [name, ...words, path, ...argv.slice(1)], main: (p) => command.run(p) };
}

/** Replaces the running program's image: execve(2). The caller returns what it answers. */
export function execInPlace(proc: Proc, found: Found & { ok: true }): Program {
  proc.argv.splice(0, proc.argv.length, ...found.argv);
  return found.main(proc);
}
