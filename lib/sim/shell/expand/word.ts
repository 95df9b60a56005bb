/** Words to arguments, in bash's order: braces, tilde, parameters and substitutions, splitting, pathnames, quotes. */
import type { Io } from '../../kernel/process.ts';
import { hasGlob } from '../../text/glob.ts';
import type { Word, WordPart } from '../parse.ts';
import { parseWord } from '../parse.ts';
import { type Shell, ShellError } from '../state.ts';
import { getVar } from '../vars.ts';
import { expandArithmetic } from './arithmetic.ts';
import { expandBraces } from './brace.ts';
import { expandParameter, expandSimple } from './param.ts';
import { expandPathname } from './pathname.ts';
import { joinPattern, joinPieces, type Piece, splitFields } from './pieces.ts';
import { processSubstitution, substitute } from './substitute.ts';

/** Words one command may get: ARG_MAX in spirit. */
const MAX_ARGS = 50_000;

/** Where an expansion stands: it decides what quotes and `~` mean. */
export interface Context {
  quoted: boolean;
  /** The text after `=` of an assignment: `~` after `:` counts. */
  assignment?: boolean;
}

/** All expansions on a command's words. Throws {@link ShellError}. */
export function* expandWords(shell: Shell, words: readonly Word[]): Io<string[]> {
  const out: string[] = [];
  for (const word of words) {
    for (const one of braced(shell, word)) out.push(...(yield* expandFields(shell, one)));
    if (out.length > MAX_ARGS) throw new ShellError('Argument list too long', 126, false);
  }
  return out;
}

/** Whether a word has nothing to expand: it stands for its text. */
export const isPlain = (word: Word): boolean => !word.parts && !/[\\~*?[({]/.test(word.text);

function braced(shell: Shell, word: Word): readonly Word[] {
  const { text } = word;
  if (!text.includes('{') || !(text.includes(',') || text.includes('..')) || shell.dialect !== 'bash') return [word];
  const texts = expandBraces(text);
  if (texts.length === 1 && texts[0] === text) return [word];
  const words: Word[] = [];
  for (const t of texts) {
    const parsed = t === '' ? null : parseWord(t);
    if (parsed) words.push(parsed);
  }
  return words;
}

function* expandFields(shell: Shell, word: Word): Io<string[]> {
  const { text } = word;
  if (!word.parts && !/[\\~*?[(]/.test(text)) return [text];
  const pieces = yield* expandParts(shell, partsOf(word), { quoted: false }, true);
  const ifs = getVar(shell, 'IFS') ?? ' \t\n';
  const out: string[] = [];
  for (const field of splitFields(pieces, ifs)) {
    if (shell.options.has('noglob') || !hasGlob(field.pattern)) {
      out.push(field.text);
      continue;
    }
    const paths = expandPathname(shell.proc, field.pattern, {
      dotglob: shell.shopts.has('dotglob'),
      ignoreCase: shell.shopts.has('nocaseglob'),
    });
    if (paths.length > 0) out.push(...paths);
    else if (shell.shopts.has('failglob')) throw new ShellError(`no match: ${field.text}`, 1, false);
    else if (!shell.shopts.has('nullglob')) out.push(field.text);
  }
  return out;
}

/** A word as one text, neither split nor matched against files. */
export function* expandText(shell: Shell, word: Word, assignment = false): Io<string> {
  if (!word.parts && !/[\\~]/.test(word.text)) return word.text;
  return joinPieces(yield* expandParts(shell, partsOf(word), { quoted: false, assignment }, true));
}

/** A word as one pattern. */
export function* expandPattern(shell: Shell, word: Word): Io<string> {
  return joinPattern(yield* expandParts(shell, partsOf(word), { quoted: false }, true));
}

/** The word's parts, a plain word being one literal. */
export const partsOf = (word: Word): readonly WordPart[] =>
  word.parts ?? [{ type: 'Literal', pos: word.pos, end: word.end, value: word.value, text: word.text }];

/** The pieces of a run of parts. `start`: they begin a word, where `~` counts. */
export function* expandParts(shell: Shell, parts: readonly WordPart[], context: Context, start: boolean): Io<Piece[]> {
  const out: Piece[] = [];
  let first = start;
  for (const part of parts) {
    out.push(...(yield* expandPart(shell, part, context, first)));
    first = false;
  }
  return out;
}

function* expandPart(shell: Shell, part: WordPart, context: Context, first: boolean): Io<Piece[]> {
  switch (part.type) {
    case 'Literal':
      if (context.quoted) return [{ text: part.value, mode: 'quoted' }];
      return literal(shell, part.text, first, context.assignment ?? false);
    case 'Glob':
    case 'ExtendedGlob':
      if (context.quoted) return [{ text: part.text, mode: 'quoted' }];
      return part.parts && part.type === 'Glob'
        ? yield* expandBracket(shell, part.text, part.parts, context)
        : [{ text: part.text, mode: 'plain' }];
    case 'BraceExpansion':
      return literal(shell, part.text, first, false);
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [{ text: part.value, mode: 'quoted' }];
    case 'DoubleQuoted':
    case 'LocaleString':
      return yield* doubleQuoted(shell, part.parts);
    case 'SimpleExpansion':
      return expandSimple(shell, part.text, context.quoted);
    case 'ParameterExpansion':
      return yield* expandParameter(shell, part, context.quoted);
    case 'CommandExpansion':
      return [{ text: yield* substitute(shell, part), mode: context.quoted ? 'quoted' : 'split' }];
    case 'ArithmeticExpansion': {
      const n = yield* expandArithmetic(shell, arithmeticText(part.text));
      return [{ text: String(n), mode: context.quoted ? 'quoted' : 'split' }];
    }
    case 'ProcessSubstitution':
      return [{ text: yield* processSubstitution(shell, part), mode: 'quoted' }];
  }
}

const arithmeticText = (text: string): string => (text.startsWith('$[') ? text.slice(2, -1) : text.slice(3, -2));

function* expandBracket(shell: Shell, text: string, parts: readonly WordPart[], context: Context): Io<Piece[]> {
  if (parts.every((p) => p.type === 'Literal')) return [{ text, mode: 'plain' }];
  const inner = yield* expandParts(shell, parts, context, false);
  return [{ text: '[', mode: 'plain' }, ...inner, { text: ']', mode: 'plain' }];
}

function* doubleQuoted(shell: Shell, parts: readonly WordPart[]): Io<Piece[]> {
  const inner = yield* expandParts(shell, parts, { quoted: true }, false);
  if (inner.length > 0) return inner;
  const onlyList =
    parts.length > 0 && parts.every((p) => (p.type === 'SimpleExpansion' && p.text === '$@') || isListExpansion(p));
  return onlyList ? [] : [{ text: '', mode: 'quoted' }];
}

const isListExpansion = (p: WordPart): boolean =>
  p.type === 'ParameterExpansion' && (p.parameter === '@' || p.index?.text === '@' || p.operation?.type === 'Names');

/** Literal text outside quotes: backslashes quote, `~` is a home directory. */
function literal(shell: Shell, text: string, first: boolean, assignment: boolean): Piece[] {
  const out: Piece[] = [];
  let plain = '';
  let i = 0;
  const flush = () => {
    if (plain !== '') out.push({ text: plain, mode: 'plain' });
    plain = '';
  };
  while (i < text.length) {
    const c = text[i] as string;
    const tildeHere = c === '~' && ((i === 0 && first) || (assignment && text[i - 1] === ':'));
    const name = tildeHere ? (/^~([A-Za-z0-9_.+-]*)(?=[/:]|$)/.exec(text.slice(i))?.[1] ?? null) : null;
    const home = name === null ? null : homeOf(shell, name);
    if (home !== null) {
      flush();
      out.push({ text: home, mode: 'quoted' });
      i += 1 + (name as string).length;
    } else if (c === '\\') {
      flush();
      if (i + 1 >= text.length) out.push({ text: '\\', mode: 'quoted' });
      else if (text[i + 1] !== '\n') out.push({ text: text[i + 1] as string, mode: 'quoted' });
      i += 2;
    } else {
      plain += c;
      i++;
    }
  }
  flush();
  return out;
}

function homeOf(shell: Shell, name: string): string | null {
  if (name === '') return getVar(shell, 'HOME') ?? '/root';
  if (name === '+') return shell.proc.cwd;
  if (name === '-') return getVar(shell, 'OLDPWD');
  return name === 'root' ? '/root' : null;
}
