/** Pieces of a Go template. Source: Go src/text/template/parse/lex.go. */

export interface Token {
  type:
    | 'field'
    | 'variable'
    | 'word'
    | 'string'
    | 'number'
    | 'char'
    | '('
    | ')'
    | '|'
    | ':='
    | '='
    | ','
    | '.'
    | 'space';
  text: string;
  at: number;
}

export interface Piece {
  /** Text between actions, or an action's tokens. */
  text?: string;
  action?: Token[];
  at: number;
}

/** Complaints carry the line they are about. */
export class TemplateError extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

const TOKENS: [Token['type'], RegExp][] = [
  ['space', /[ \t\r\n]+/y],
  ['string', /"(?:\\.|[^"\\\n])*"|`[^`]*`/y],
  ['char', /'(?:\\.|[^'\\\n])+'/y],
  ['number', /[+-]?(?:0x[\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['word', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  [':=', /:=/y],
  ['=', /=/y],
  ['.', /\./y],
  ['(', /\(/y],
  [')', /\)/y],
  ['|', /\|/y],
  [',', /,/y],
];

function tokens(source: string, from: number): { list: Token[]; end: number; trim: boolean } {
  const list: Token[] = [];
  for (let at = from; ; ) {
    const close = /(?:[ \t\r\n]+-)?\}\}/y;
    close.lastIndex = at;
    const closed = close.exec(source);
    if (closed) return { list, end: close.lastIndex, trim: closed[0].length > 2 };
    let found: Token | null = null;
    for (const [type, pattern] of TOKENS) {
      pattern.lastIndex = at;
      const match = pattern.exec(source);
      if (!match) continue;
      found = { type, text: match[0], at };
      break;
    }
    if (!found) {
      const c = source[at];
      if (c === undefined) throw new TemplateError('unclosed action', at);
      if (c === '"' || c === '`')
        throw new TemplateError(c === '"' ? 'unterminated quoted string' : 'unterminated raw quoted string', at);
      throw new TemplateError(
        `unrecognized character in action: U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} '${c}'`,
        at,
      );
    }
    list.push(found);
    at += found.text.length;
  }
}

/** Takes a template apart; blanks beside `{{-` and `-}}` are gone. */
export function lex(source: string): Piece[] {
  const pieces: Piece[] = [];
  let trim = false;
  for (let at = 0; at < source.length; ) {
    const open = source.indexOf('{{', at);
    const end = open < 0 ? source.length : open;
    const trimNext = open >= 0 && /^\{\{-[ \t\r\n]/.test(source.slice(open, open + 4));
    let text = source.slice(at, end);
    if (trim) text = text.replace(/^[ \t\r\n]+/, '');
    if (trimNext) text = text.replace(/[ \t\r\n]+$/, '');
    if (text !== '') pieces.push({ text, at });
    if (open < 0) break;
    const start = open + (trimNext ? 3 : 2);
    const comment = /^\s*\/\*[\s\S]*?\*\/(\s+-)?\}\}/.exec(source.slice(start));
    if (comment) {
      trim = comment[1] !== undefined;
      at = start + comment[0].length;
      continue;
    }
    const action = tokens(source, start);
    pieces.push({ action: action.list, at: open });
    trim = action.trim;
    at = action.end;
  }
  return pieces;
}
