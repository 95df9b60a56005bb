/** jq's tokens; a string's interpolations are parsed as they are met. */
import { type Filter, JqSyntaxError } from './ast.ts';
import { parseTokens } from './parse.ts';

export interface Token {
  kind: 'op' | 'name' | 'field' | 'variable' | 'number' | 'string' | 'format' | 'end';
  text: string;
  parts?: (string | Filter)[];
  /** Where it begins. */
  at: number;
}

const OPS = /^(?:\?\/\/|\|=|\+=|-=|\*=|\/=|%=|\/\/=|\/\/|==|!=|<=|>=|\.\.|[.|,:;()[\]{}=<>+\-*/%?])/;
export function tokenize(source: string, pos: { at: number }, depth: number, nested: boolean): Token[] {
  if (depth > 20) throw new JqSyntaxError('string interpolation nested too deep');
  const out: Token[] = [];
  let parens = 0;
  while (pos.at < source.length) {
    const rest = source.slice(pos.at, pos.at + 300);
    const space = /^(?:\s+|#[^\n]*)/.exec(rest);
    if (space) {
      pos.at += space[0].length;
      continue;
    }
    if (rest[0] === '"') {
      const { at } = pos;
      out.push({ kind: 'string', text: '', parts: stringParts(source, pos, depth), at });
      continue;
    }
    const field = /^\.([A-Za-z_]\w*)/.exec(rest);
    const variable = /^\$(?:__loc__|[A-Za-z_]\w*)/.exec(rest);
    const name = /^[A-Za-z_]\w*(?:::\w+)*/.exec(rest);
    const number = /^(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(rest);
    const format = /^@\w+/.exec(rest);
    const op = OPS.exec(rest);
    const m = field ?? variable ?? name ?? number ?? format ?? op;
    if (!m) throw new JqSyntaxError(`syntax error, unexpected INVALID_CHARACTER`);
    if (nested && op === m && m[0] === ')' && parens === 0) {
      pos.at++;
      out.push({ kind: 'end', text: '', at: pos.at - 1 });
      return out;
    }
    if (m === op && m[0] === '(') parens++;
    if (m === op && m[0] === ')') parens--;
    const { at } = pos;
    pos.at += m[0].length;
    if (m === field) out.push({ kind: 'field', text: field[1] as string, at });
    else if (m === variable) out.push({ kind: 'variable', text: m[0].slice(1), at });
    else if (m === name) out.push({ kind: 'name', text: m[0], at });
    else if (m === number) out.push({ kind: 'number', text: m[0], at });
    else if (m === format) out.push({ kind: 'format', text: m[0], at });
    else out.push({ kind: 'op', text: m[0], at });
  }
  if (nested) throw new JqSyntaxError('syntax error, unexpected $end, expecting QQSTRING_INTERP_END');
  // The end is told of as where the last word stands.
  out.push({ kind: 'end', text: '', at: out.at(-1)?.at ?? 0 });
  return out;
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '/': '/', '\\': '\\', '"': '"' };

function stringParts(source: string, pos: { at: number }, depth: number): (string | Filter)[] {
  const parts: (string | Filter)[] = [];
  let text = '';
  for (let i = pos.at + 1; i < source.length; i++) {
    const c = source[i] as string;
    if (c === '"') {
      pos.at = i + 1;
      parts.push(text);
      return parts;
    }
    if (c !== '\\') {
      text += c;
      continue;
    }
    const e = source[++i] as string;
    if (e === '(') {
      parts.push(text);
      text = '';
      const inner = { at: i + 1 };
      parts.push(parseTokens(tokenize(source, inner, depth + 1, true)));
      i = inner.at - 1;
    } else if (e === 'u') {
      text += String.fromCharCode(Number.parseInt(source.slice(i + 1, i + 5), 16) || 0xfffd);
      i += 4;
    } else if (ESCAPES[e] !== undefined) text += ESCAPES[e];
    else throw new JqSyntaxError('Invalid escape at line 1, column 4 (while parsing)');
  }
  throw new JqSyntaxError('syntax error, unexpected QQSTRING_START, expecting $end');
}
