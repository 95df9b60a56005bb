/** The texts one run of nft reads: what was given, and files included from there. */
import type { Proc } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import type { NftError } from './cursor.ts';
import { type Token, tokenize } from './lexer.ts';

interface Source {
  text: string;
  file: string | null;
  /** Where it begins in the places of all tokens. */
  base: number;
}

export class Sources {
  private readonly all: Source[];

  constructor(text: string, file: string | null) {
    this.all = [{ text, file, base: 0 }];
  }

  /** The tokens of an included file; null when there is none. A pattern may fit none. */
  include(proc: Proc, path: string, dirs: readonly string[]): Token[] | null {
    const fs = vfsOf(proc);
    const tries = path.startsWith('/') || path.startsWith('./') ? [path] : [...dirs, '/etc'].map((d) => `${d}/${path}`);
    if (/[*?[]/.test(path)) {
      const names = tries.flatMap((p) => glob(fs, p));
      const tokens = names.flatMap((n) => this.tokens(fs, n)?.slice(0, -1) ?? []);
      return [...tokens, { kind: 'eof', text: '', start: 0, end: 0 }];
    }
    for (const p of tries) {
      const tokens = this.tokens(fs, p);
      if (tokens) return tokens;
    }
    return null;
  }

  private tokens(fs: ReturnType<typeof vfsOf>, path: string): Token[] | null {
    const found = fs.readFile(path);
    if (!found.ok) return null;
    const last = this.all[this.all.length - 1] as Source;
    const base = last.base + last.text.length + 16;
    this.all.push({ text: found.value, file: path, base });
    return tokenize(found.value).map((t) => ({ ...t, start: t.start + base, end: t.end + base }));
  }

  /** The text an error stands in; its place is made relative to it. */
  of(e: NftError): { text: string; file: string | null } {
    const at = [...this.all].reverse().find((s) => e.span.start >= s.base) ?? (this.all[0] as Source);
    if (at.base > 0) {
      const span = { start: e.span.start - at.base, end: e.span.end - at.base };
      Object.assign(e, { span });
    }
    return at;
  }
}

function glob(fs: ReturnType<typeof vfsOf>, pattern: string): string[] {
  const cut = pattern.lastIndexOf('/');
  const dir = pattern.slice(0, cut) || '/';
  const names = fs.readdir(dir);
  if (!names.ok) return [];
  const re = new RegExp(
    `^${pattern
      .slice(cut + 1)
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
  );
  return names.value
    .filter((n) => re.test(n))
    .sort()
    .map((n) => `${dir}/${n}`);
}
