import type { Stat } from '../../shell/vfs/vfs.ts';

/** `drwxr-xr-x`. */
export function modeText(stat: Pick<Stat, 'type' | 'mode'>): string {
  const kind = stat.type === 'dir' ? 'd' : stat.type === 'symlink' ? 'l' : stat.type === 'device' ? 'c' : '-';
  const { mode } = stat;
  let out = kind;
  for (const shift of [6, 3, 0]) {
    const bits = (mode >> shift) & 7;
    const special = shift === 6 ? mode & 0o4000 : shift === 3 ? mode & 0o2000 : mode & 0o1000;
    const letter = shift === 0 ? 't' : 's';
    const x = special ? (bits & 1 ? letter : letter.toUpperCase()) : bits & 1 ? 'x' : '-';
    out += `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${x}`;
  }
  return out;
}

/** Name of a user or group id. */
export const userName = (id: number, group = false): string =>
  id === 0 ? 'root' : id === 65534 ? (group ? 'nogroup' : 'nobody') : String(id);
