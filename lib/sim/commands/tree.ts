import type { Proc } from '../kernel/process.ts';
import { vfsOf } from '../shell/vfs/vfs.ts';

const MAX_PATHS = 50_000;

/** `path` and all below it, a directory before what it holds; links are not followed. `after`: after it instead. */
export function treeOf(proc: Proc, path: string, after = false): string[] {
  const vfs = vfsOf(proc);
  const out: string[] = [];
  const visit = (p: string, depth: number) => {
    if (out.length > MAX_PATHS || depth > 500) return;
    if (!after) out.push(p);
    const at = vfs.lstat(p);
    if (at.ok && at.value.type === 'dir') {
      const names = vfs.readdir(p);
      for (const n of names.ok ? names.value : []) visit(`${p.replace(/\/+$/, '')}/${n}`, depth + 1);
    }
    if (after) out.push(p);
  };
  visit(path, 0);
  return out;
}
