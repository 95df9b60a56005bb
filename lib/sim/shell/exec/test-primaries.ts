/** File and string tests shared by `test`, `[` and `[[`. */
import type { Shell } from '../state.ts';
import { getVar } from '../vars.ts';
import { vfsOf } from '../vfs/vfs.ts';

/** A unary test; null when the operator is unknown. */
export function unaryTest(shell: Shell, operator: string, operand: string): boolean | null {
  const vfs = vfsOf(shell.proc);
  const at = () => vfs.stat(operand);
  const type = (t: string) => {
    const s = at();
    return s.ok && s.value.type === t;
  };
  const bit = (mask: number) => {
    const s = at();
    return s.ok && (s.value.mode & mask) !== 0;
  };
  switch (operator) {
    case '-n':
      return operand !== '';
    case '-z':
      return operand === '';
    case '-e':
    case '-a':
      return vfs.exists(operand);
    case '-f': {
      const s = at();
      return s.ok && (s.value.type === 'file' || s.value.type === 'dynamic' || s.value.type === 'netns');
    }
    case '-d':
      return type('dir');
    case '-h':
    case '-L': {
      const s = vfs.lstat(operand);
      return s.ok && s.value.type === 'symlink';
    }
    case '-c':
      return type('device');
    case '-b':
    case '-S':
      return false;
    case '-p': {
      const fd = /^\/dev\/(?:fd\/(\d+)|stdin|stdout)$/.exec(operand);
      return fd ? shell.proc.fds.get(Number(fd[1] ?? (operand.endsWith('in') ? 0 : 1)))?.kind === 'pipe' : false;
    }
    case '-s': {
      const s = at();
      return s.ok && s.value.size > 0;
    }
    case '-r':
    case '-w':
    case '-O':
    case '-G':
    case '-N':
      return vfs.exists(operand);
    case '-x':
      return type('dir') || bit(0o111);
    case '-u':
      return bit(0o4000);
    case '-g':
      return bit(0o2000);
    case '-k':
      return bit(0o1000);
    case '-t':
      return /^\d+$/.test(operand) && shell.proc.fds.get(Number(operand))?.kind === 'tty';
    case '-v': {
      const element = /^(\w+)\[(.*)\]$/s.exec(operand);
      if (element) {
        const array = shell.vars.get(element[1] as string);
        return element[2] === '@' || element[2] === '*'
          ? (array?.items.size ?? 0) > 0
          : (array?.items.has(element[2] as never) ?? false);
      }
      const v = shell.vars.get(operand);
      return v ? v.value !== null || v.items.size > 0 : getVar(shell, operand) !== null;
    }
    case '-o':
      return shell.options.has(operand);
    case '-R':
      return false;
    default:
      return null;
  }
}

/** `-nt`, `-ot`, `-ef`; null for other operators. */
export function compareFiles(shell: Shell, operator: string, left: string, right: string): boolean | null {
  const vfs = vfsOf(shell.proc);
  const a = vfs.stat(left);
  const b = vfs.stat(right);
  if (operator === '-ef') return a.ok && b.ok && a.value.node === b.value.node;
  if (operator === '-nt') return a.ok && (!b.ok || a.value.mtime > b.value.mtime);
  if (operator === '-ot') return b.ok && (!a.ok || a.value.mtime < b.value.mtime);
  return null;
}
