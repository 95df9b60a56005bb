/** Keys as the line editor knows them, and how they arrive from a terminal (xterm's input sequences). */

export type KeyName =
  | 'enter'
  | 'tab'
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'home'
  | 'end'
  | 'wordLeft'
  | 'wordRight'
  | 'backspace'
  | 'delete'
  | 'killEnd'
  | 'killStart'
  | 'killWordLeft'
  | 'killWordRight'
  | 'yank'
  | 'lastArgument'
  | 'transpose'
  | 'clear'
  | 'search'
  | 'abort'
  | 'interrupt'
  | 'eof'
  | 'escape'
  | 'unknown';

export type Key = { name: KeyName } | { name: 'text'; text: string } | { name: 'paste'; text: string };

const SEQUENCES: Record<string, KeyName> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x01': 'home',
  '\x02': 'left',
  '\x03': 'interrupt',
  '\x04': 'eof',
  '\x05': 'end',
  '\x06': 'right',
  '\x07': 'abort',
  '\x0b': 'killEnd',
  '\x0c': 'clear',
  '\x0e': 'down',
  '\x10': 'up',
  '\x12': 'search',
  '\x14': 'transpose',
  '\x15': 'killStart',
  '\x17': 'killWordLeft',
  '\x19': 'yank',
  '\x1b[A': 'up',
  '\x1b[B': 'down',
  '\x1b[C': 'right',
  '\x1b[D': 'left',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1bOA': 'up',
  '\x1bOB': 'down',
  '\x1bOC': 'right',
  '\x1bOD': 'left',
  '\x1bOH': 'home',
  '\x1bOF': 'end',
  '\x1b[1~': 'home',
  '\x1b[4~': 'end',
  '\x1b[3~': 'delete',
  '\x1b[1;5C': 'wordRight',
  '\x1b[1;3C': 'wordRight',
  '\x1bf': 'wordRight',
  '\x1b[1;5D': 'wordLeft',
  '\x1b[1;3D': 'wordLeft',
  '\x1bb': 'wordLeft',
  '\x1bd': 'killWordRight',
  '\x1b\x7f': 'killWordLeft',
  '\x1b.': 'lastArgument',
  '\x1b_': 'lastArgument',
  '\x1b': 'escape',
};

const PASTE = '\x1b[200~';
const PASTE_END = '\x1b[201~';
const CONTROL = /[\x00-\x1f\x7f]/;
const ESCAPE = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|[^[O])?/;

/** Reads the keys in a piece of terminal input. */
export function decodeKeys(data: string): Key[] {
  const keys: Key[] = [];
  let rest = data;
  while (rest !== '') {
    if (rest.startsWith(PASTE)) {
      const end = rest.indexOf(PASTE_END);
      keys.push({ name: 'paste', text: rest.slice(PASTE.length, end < 0 ? undefined : end) });
      rest = end < 0 ? '' : rest.slice(end + PASTE_END.length);
      continue;
    }
    const first = rest[0] as string;
    if (first === '\x1b') {
      const sequence = ESCAPE.exec(rest)?.[0] ?? first;
      keys.push({ name: SEQUENCES[sequence] ?? 'unknown' });
      rest = rest.slice(sequence.length);
    } else if (CONTROL.test(first)) {
      keys.push({ name: SEQUENCES[first] ?? 'unknown' });
      rest = rest.slice(1);
    } else {
      const end = rest.search(CONTROL);
      keys.push({ name: 'text', text: end < 0 ? rest : rest.slice(0, end) });
      rest = end < 0 ? '' : rest.slice(end);
    }
  }
  return keys;
}
