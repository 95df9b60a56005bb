/** What a word becomes before it is split: text with how it came about. */
import { escapeGlob } from '../../text/glob.ts';

/** `plain`: literal, patterns count. `quoted`: neither split nor a pattern. `split`: from an unquoted expansion. */
export interface Text {
  text: string;
  mode: 'plain' | 'quoted' | 'split';
}

/** `break` separates the elements of `$@`. */
export type Piece = Text | 'break';

/** One word after splitting. */
export interface Field {
  /** Without quotes. */
  text: string;
  /** As a pattern: what was quoted is escaped. */
  pattern: string;
}

/** Splits pieces into fields at the characters of IFS (POSIX 2.6.5). */
export function splitFields(pieces: readonly Piece[], ifs: string): Field[] {
  const out: Field[] = [];
  let field: Field | null = null;
  let afterBlank = false;
  const end = () => {
    if (field) out.push(field);
    field = null;
  };
  for (const piece of pieces) {
    if (piece === 'break') {
      end();
      afterBlank = false;
      continue;
    }
    if (piece.mode !== 'split') {
      field ??= { text: '', pattern: '' };
      field.text += piece.text;
      field.pattern += piece.mode === 'quoted' ? escapeGlob(piece.text) : piece.text;
      afterBlank = false;
      continue;
    }
    for (const c of piece.text) {
      if (!ifs.includes(c)) {
        field ??= { text: '', pattern: '' };
        field.text += c;
        field.pattern += c === '\\' ? '\\\\' : c;
        afterBlank = false;
      } else if (c === ' ' || c === '\t' || c === '\n') {
        if (field) afterBlank = true;
        end();
      } else {
        if (!field && !afterBlank) field = { text: '', pattern: '' };
        afterBlank = false;
        end();
      }
    }
  }
  end();
  return out;
}

/** Pieces as one text: where words are not split (assignments, `case`, here-strings). */
export const joinPieces = (pieces: readonly Piece[]): string =>
  pieces.map((p) => (p === 'break' ? ' ' : p.text)).join('');

/** Pieces as one pattern: quoted text matches itself. */
export const joinPattern = (pieces: readonly Piece[]): string =>
  pieces.map((p) => (p === 'break' ? ' ' : p.mode === 'quoted' ? escapeGlob(p.text) : p.text)).join('');
