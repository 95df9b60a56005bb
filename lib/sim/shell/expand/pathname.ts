/** Pathname expansion: patterns against directories, names in byte order. */
import type { Proc } from '../../kernel/process.ts';
import { compileGlob, hasGlob, unescapeGlob } from '../../text/glob.ts';
import { vfsOf } from '../vfs/vfs.ts';

const MAX_MATCHES = 20_000;

export interface PathnameOptions {
  dotglob?: boolean;
  ignoreCase?: boolean;
}

/** Existing paths that match `pattern`, sorted; empty when none does. */
export function expandPathname(proc: Proc, pattern: string, options: PathnameOptions = {}): string[] {
  const vfs = vfsOf(proc);
  const parts = pattern.split('/');
  let found = [parts[0] === '' ? '/' : ''];
  if (parts[0] === '') parts.shift();
  parts.forEach((part, i) => {
    const last = i === parts.length - 1;
    const next: string[] = [];
    for (const base of found) {
      if (next.length >= MAX_MATCHES) break;
      if (part === '') {
        // `dir/*/`: directories only; a doubled slash changes nothing.
        if (!last || vfs.isDir(base === '' ? '.' : base)) next.push(base);
        continue;
      }
      if (!hasGlob(part)) {
        const path = base + unescapeGlob(part);
        if (last ? vfs.lstat(path).ok : vfs.isDir(path)) next.push(last ? path : `${path}/`);
        continue;
      }
      const names = vfs.readdir(base === '' ? '.' : base);
      if (!names.ok) continue;
      const matches = compileGlob(options.ignoreCase ? part.toLowerCase() : part);
      for (const name of names.value) {
        if (name.startsWith('.') && !part.startsWith('.') && !options.dotglob) continue;
        if (!matches(options.ignoreCase ? name.toLowerCase() : name)) continue;
        if (last) next.push(base + name);
        else if (vfs.isDir(base + name)) next.push(`${base}${name}/`);
      }
    }
    found = next;
  });
  return found.filter((p) => p !== '').sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
