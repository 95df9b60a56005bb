/**
 * The line a learner types, as readline edits it: pure, one key at a time. It serves the shell's prompt (`shell`) and a
 * program that reads lines (`cooked`: the terminal's own editing, without history and completion).
 */
import type { Key } from './keys.ts';
import { findBackward, type Search } from './line-search.ts';

export interface Line {
  text: string;
  /** UTF-16 index, always between two graphemes. */
  cursor: number;
}

export interface Editor extends Line {
  /** Place in the history that is shown; null for the line being typed, kept in `draft`. */
  place: number | null;
  draft: string;
  /** What the last kill took. */
  killed: string;
  search: Search | null;
  /** How often "last argument" was pressed in a row, and what it put in. */
  argument: { back: number; length: number } | null;
}

export type Mode = 'shell' | 'cooked';

export type Effect =
  | { kind: 'none' }
  | { kind: 'bell' }
  | { kind: 'submit'; lines: string[] }
  | { kind: 'complete' }
  | { kind: 'interrupt' }
  | { kind: 'eof' }
  | { kind: 'clear' };

export const emptyEditor: Editor = {
  text: '',
  cursor: 0,
  place: null,
  draft: '',
  killed: '',
  search: null,
  argument: null,
};

const NONE: Effect = { kind: 'none' };
const BELL: Effect = { kind: 'bell' };
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

const before = (text: string, at: number): number => {
  let start = 0;
  for (const { index } of graphemes.segment(text.slice(0, at))) start = index;
  return start;
};

const after = (text: string, at: number): number => {
  for (const { segment } of graphemes.segment(text.slice(at))) return at + segment.length;
  return at;
};

const wordStart = (text: string, at: number): number =>
  at - (/[\p{L}\p{N}_]*[^\p{L}\p{N}_]*$/u.exec(text.slice(0, at))?.[0].length ?? 0);
const wordEnd = (text: string, at: number): number =>
  at + (/^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(text.slice(at))?.[0].length ?? 0);
/** ^W takes back to white space. */
const blankStart = (text: string, at: number): number => at - (/\S*\s*$/.exec(text.slice(0, at))?.[0].length ?? 0);

/** A line with a fresh cursor at its end. */
export const withText = (editor: Editor, text: string, cursor = text.length): Editor => ({
  ...editor,
  text,
  cursor,
  argument: null,
});

const insert = (e: Editor, text: string): Editor =>
  withText(e, e.text.slice(0, e.cursor) + text + e.text.slice(e.cursor), e.cursor + text.length);
const cut = (e: Editor, from: number, to: number): Editor =>
  withText(e, e.text.slice(0, from) + e.text.slice(to), from);
const kill = (e: Editor, from: number, to: number): Editor =>
  from === to ? e : { ...cut(e, from, to), killed: e.text.slice(from, to) };

/** The editor after a key, and what the terminal has to do. */
export function press(
  editor: Editor,
  key: Key,
  history: readonly string[],
  mode: Mode,
): { editor: Editor; effect: Effect } {
  if (editor.search) return pressInSearch(editor, editor.search, key, history, mode);
  const next = edit(editor, key);
  if (next) return { editor: next, effect: NONE };
  return act(editor, key, history, mode);
}

/** Keys that change the line alone. */
function edit(e: Editor, key: Key): Editor | null {
  const { text, cursor } = e;
  switch (key.name) {
    case 'text':
      return insert(e, key.text);
    case 'left':
      return withText(e, text, before(text, cursor));
    case 'right':
      return withText(e, text, after(text, cursor));
    case 'home':
      return withText(e, text, 0);
    case 'end':
      return withText(e, text);
    case 'wordLeft':
      return withText(e, text, wordStart(text, cursor));
    case 'wordRight':
      return withText(e, text, wordEnd(text, cursor));
    case 'backspace':
      return cut(e, before(text, cursor), cursor);
    case 'delete':
      return cut(e, cursor, after(text, cursor));
    case 'killEnd':
      return kill(e, cursor, text.length);
    case 'killStart':
      return kill(e, 0, cursor);
    case 'killWordLeft':
      return kill(e, blankStart(text, cursor), cursor);
    case 'killWordRight':
      return kill(e, cursor, wordEnd(text, cursor));
    case 'yank':
      return insert(e, e.killed);
    case 'transpose': {
      const end = cursor === text.length ? cursor : after(text, cursor);
      const middle = before(text, end);
      const start = before(text, middle);
      if (middle === start) return e;
      return withText(
        e,
        text.slice(0, start) + text.slice(middle, end) + text.slice(start, middle) + text.slice(end),
        end,
      );
    }
    default:
      return null;
  }
}

/** Keys that leave the line, or need the history. */
function act(e: Editor, key: Key, history: readonly string[], mode: Mode): { editor: Editor; effect: Effect } {
  const cleared: Editor = { ...emptyEditor, killed: e.killed };
  switch (key.name) {
    case 'enter':
      return { editor: cleared, effect: { kind: 'submit', lines: [e.text] } };
    case 'paste':
      return paste(e, key.text);
    case 'interrupt':
      return { editor: cleared, effect: { kind: 'interrupt' } };
    case 'eof':
      if (e.text === '') return { editor: e, effect: { kind: 'eof' } };
      return mode === 'shell'
        ? { editor: cut(e, e.cursor, after(e.text, e.cursor)), effect: NONE }
        : { editor: e, effect: BELL };
    case 'tab':
      return mode === 'shell' ? { editor: e, effect: { kind: 'complete' } } : { editor: insert(e, '\t'), effect: NONE };
    case 'clear':
      return { editor: e, effect: mode === 'shell' ? { kind: 'clear' } : BELL };
    default:
      return mode === 'shell' ? recall(e, key, history) : { editor: e, effect: BELL };
  }
}

function paste(e: Editor, pasted: string): { editor: Editor; effect: Effect } {
  const clean = pasted.replace(/\r\n?/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '');
  const joined = insert(e, clean);
  if (!clean.includes('\n')) return { editor: joined, effect: NONE };
  const lines = joined.text.split('\n');
  const last = lines.pop() ?? '';
  const tail = joined.text.length - joined.cursor;
  return {
    editor: { ...emptyEditor, killed: e.killed, text: last, cursor: Math.max(0, last.length - tail) },
    effect: { kind: 'submit', lines },
  };
}

function recall(e: Editor, key: Key, history: readonly string[]): { editor: Editor; effect: Effect } {
  const at = e.place ?? history.length;
  if (key.name === 'up' || key.name === 'down') {
    const to = key.name === 'up' ? at - 1 : at + 1;
    if (to < 0 || to > history.length) return { editor: e, effect: BELL };
    const draft = e.place === null ? e.text : e.draft;
    const text = to === history.length ? draft : (history[to] as string);
    return { editor: { ...withText(e, text), place: to === history.length ? null : to, draft }, effect: NONE };
  }
  if (key.name === 'search') {
    return {
      editor: {
        ...e,
        search: { query: '', at: history.length, failed: false, saved: { text: e.text, cursor: e.cursor } },
      },
      effect: NONE,
    };
  }
  if (key.name === 'lastArgument') {
    const back = (e.argument?.back ?? 0) + 1;
    const word = /(\S+)\s*$/.exec(history[history.length - back] ?? '')?.[1];
    if (!word) return { editor: e, effect: BELL };
    const base = e.argument ? cut(e, e.cursor - e.argument.length, e.cursor) : e;
    return { editor: { ...insert(base, word), argument: { back, length: word.length } }, effect: NONE };
  }
  return { editor: e, effect: BELL };
}

function pressInSearch(
  e: Editor,
  search: Search,
  key: Key,
  history: readonly string[],
  mode: Mode,
): { editor: Editor; effect: Effect } {
  const find = (query: string, from: number): { editor: Editor; effect: Effect } => {
    const found = findBackward(history, query, from);
    if (!found) return { editor: { ...e, search: { ...search, query, failed: true } }, effect: BELL };
    return {
      editor: {
        ...e,
        text: found.text,
        cursor: found.cursor,
        place: found.at,
        search: { ...search, query, at: found.at, failed: false },
      },
      effect: NONE,
    };
  };
  switch (key.name) {
    case 'text':
      return find(search.query + key.text, Math.min(search.at, history.length - 1));
    case 'search':
      return search.query === '' ? { editor: e, effect: BELL } : find(search.query, search.at - 1);
    case 'backspace': {
      const query = search.query.slice(0, before(search.query, search.query.length));
      return query === ''
        ? {
            editor: { ...e, ...search.saved, search: { ...search, query, at: history.length, failed: false } },
            effect: NONE,
          }
        : find(query, history.length - 1);
    }
    case 'abort':
      return { editor: { ...e, ...search.saved, place: null, search: null }, effect: NONE };
    case 'interrupt':
      return { editor: { ...emptyEditor, killed: e.killed }, effect: { kind: 'interrupt' } };
    default:
      // Any other key takes the line that was found, and then does its own work.
      return key.name === 'escape'
        ? { editor: { ...e, search: null }, effect: NONE }
        : press({ ...e, search: null }, key, history, mode);
  }
}
