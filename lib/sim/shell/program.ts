/** Finding programs as execvp(3) does. */
import type { Proc, Program } from '../kernel/process.ts';
import type { FileNode } from './vfs/types.ts';
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

/** Where PATH finds `name`; null when nowhere. */
export function lookPath(proc: Proc, name: string, path: string): string | null {
  if (name === '') return null;
  const vfs = vfsOf(proc);
  for (const dir of path.split(':')) {
    const file = `${dir === '' ? '.' : dir}/${name}`;
    const at = vfs.stat(file);
    if (at.ok && at.value.type === 'file' && (at.value.mode & 0o111) !== 0) return file;
  }
  return null;
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
