/** echo, pwd, cd and the directory stack, umask. */

import { notModelled, print, printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { echoText } from '../../text/escapes.ts';
import { errorPrefix, type Shell } from '../state.ts';
import { getVar, setVar } from '../vars.ts';
import { strerror } from '../vfs/errno.ts';
import { vfsOf } from '../vfs/vfs.ts';

export function* trueBuiltin(): Io<number> {
  return 0;
}

export function* falseBuiltin(): Io<number> {
  return 1;
}

/** Writes to standard output; says so when the file takes no more. Answers the status. */
export function* output(shell: Shell, name: string, text: string): Io<number> {
  if (text === '') return 0;
  const errno = (yield { op: 'write', fd: 1, data: text }) as string | null | undefined;
  if (!errno) return 0;
  yield* printErr(`${errorPrefix(shell)}${name}: write error: ${strerror(errno)}\n`);
  return 1;
}

export function* echo(shell: Shell, words: readonly string[]): Io<number> {
  return yield* output(shell, 'echo', echoText(words.slice(1), shell.dialect === 'dash'));
}

export function* pwd(shell: Shell, words: readonly string[]): Io<number> {
  const bad = words.slice(1).find((w) => /^-/.test(w) && !/^-[LP]+$/.test(w));
  if (bad) {
    yield* printErr(`${errorPrefix(shell)}pwd: ${bad.slice(0, 2)}: invalid option\npwd: usage: pwd [-LP]\n`);
    return 2;
  }
  return yield* output(shell, 'pwd', `${shell.proc.cwd}\n`);
}

/** Changes the working directory; `cd -` and CDPATH as in bash. */
export function* cd(shell: Shell, words: readonly string[]): Io<number> {
  const args = words
    .slice(1)
    .filter((w, i, all) => !(/^-[LPe]+$/.test(w) && !all.slice(0, i).includes('--')) && w !== '--');
  if (args.length > 1) {
    yield* printErr(`${errorPrefix(shell)}cd: too many arguments\n`);
    return 1;
  }
  let [target] = args;
  if (target === undefined) {
    const home = getVar(shell, 'HOME');
    if (home === null) {
      yield* printErr(`${errorPrefix(shell)}cd: HOME not set\n`);
      return 1;
    }
    target = home;
  }
  const back = target === '-';
  if (back) {
    const old = getVar(shell, 'OLDPWD');
    if (old === null) {
      yield* printErr(`${errorPrefix(shell)}cd: OLDPWD not set\n`);
      return 1;
    }
    target = old;
  }
  const status = yield* changeDirectory(shell, target, 'cd');
  if (status === 0 && back) yield* print(`${shell.proc.cwd}\n`);
  return status;
}

function* changeDirectory(shell: Shell, target: string, name: string): Io<number> {
  const { proc } = shell;
  if (target === '') return 0;
  const at = vfsOf(proc).stat(target);
  const errno = !at.ok ? at.errno : at.value.type === 'dir' ? null : 'ENOTDIR';
  if (errno) {
    const words =
      shell.dialect === 'dash' ? `${name}: can't cd to ${target}` : `${name}: ${target}: ${strerror(errno)}`;
    yield* printErr(`${errorPrefix(shell)}${words}\n`);
    return shell.dialect === 'dash' ? 2 : 1;
  }
  const old = proc.cwd;
  proc.cwd = logical(target.startsWith('/') ? target : `${proc.cwd}/${target}`);
  if (!vfsOf(proc).isDir(proc.cwd) && at.ok) proc.cwd = at.value.path;
  setVar(shell, 'OLDPWD', old);
  setVar(shell, 'PWD', proc.cwd);
  return 0;
}

/** The path without dots; links stay, as `cd -L` keeps them. */
function logical(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') out.pop();
    else if (part !== '' && part !== '.') out.push(part);
  }
  return `/${out.join('/')}`;
}

export function* pushd(shell: Shell, words: readonly string[]): Io<number> {
  const target = words[1] ?? shell.dirStack[0];
  if (target === undefined) {
    yield* printErr(`${errorPrefix(shell)}pushd: no other directory\n`);
    return 1;
  }
  const old = shell.proc.cwd;
  const status = yield* changeDirectory(shell, target, 'pushd');
  if (status !== 0) return status;
  if (words[1] === undefined) shell.dirStack.shift();
  shell.dirStack.unshift(old);
  return yield* dirs(shell);
}

export function* popd(shell: Shell): Io<number> {
  const target = shell.dirStack.shift();
  if (target === undefined) {
    yield* printErr(`${errorPrefix(shell)}popd: directory stack empty\n`);
    return 1;
  }
  const status = yield* changeDirectory(shell, target, 'popd');
  return status === 0 ? yield* dirs(shell) : status;
}

export function* dirs(shell: Shell): Io<number> {
  const home = getVar(shell, 'HOME') ?? '';
  const tilde = (d: string) =>
    home !== '' && (d === home || d.startsWith(`${home}/`)) ? `~${d.slice(home.length)}` : d;
  return yield* output(shell, 'dirs', `${[shell.proc.cwd, ...shell.dirStack].map(tilde).join(' ')}\n`);
}

export function* umask(shell: Shell, words: readonly string[]): Io<number> {
  const [value] = words.slice(1).filter((w) => w !== '-S' && w !== '-p');
  if (value === undefined) {
    const octal = shell.umask.toString(8).padStart(4, '0');
    if (!words.includes('-S')) return yield* output(shell, 'umask', `${octal}\n`);
    const bits = (shift: number) =>
      ['r', 'w', 'x'].filter((_, i) => ((~shell.umask >> shift) & (4 >> i)) !== 0).join('');
    return yield* output(shell, 'umask', `u=${bits(6)},g=${bits(3)},o=${bits(0)}\n`);
  }
  if (/^[0-7]{1,4}$/.test(value)) {
    shell.umask = Number.parseInt(value, 8);
    return 0;
  }
  if (/^\d/.test(value)) {
    yield* printErr(`${errorPrefix(shell)}umask: ${value}: octal number out of range\n`);
    return 1;
  }
  return yield* notModelled('umask: symbolic modes');
}

export function* help(): Io<number> {
  return yield* notModelled('bash: help');
}
