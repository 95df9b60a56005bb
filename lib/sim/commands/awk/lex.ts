/** awk's tokens. Newlines count; a slash begins a regular expression where an operand may stand. */
export interface Token {
  kind: 'number' | 'string' | 'regex' | 'name' | 'func' | 'keyword' | 'builtin' | 'op' | 'newline' | 'end';
  text: string;
  line: number;
}

export class AwkSyntaxError extends Error {
  constructor(
    readonly near: string,
    readonly line: number,
    message = `syntax error at or near ${near}`,
  ) {
    super(message);
  }
}

const KEYWORDS = new Set([
  'BEGIN',
  'END',
  'function',
  'func',
  'if',
  'else',
  'while',
  'for',
  'do',
  'break',
  'continue',
  'next',
  'nextfile',
  'exit',
  'return',
  'delete',
  'in',
  'getline',
  'print',
  'printf',
]);
export const BUILTINS: ReadonlySet<string> = new Set([
  'length',
  'substr',
  'index',
  'split',
  'sub',
  'gsub',
  'match',
  'sprintf',
  'sin',
  'cos',
  'atan2',
  'exp',
  'log',
  'sqrt',
  'int',
  'rand',
  'srand',
  'tolower',
  'toupper',
  'system',
  'close',
  'fflush',
  'systime',
  'strftime',
  'mktime',
]);
const OPERATOR = /^(?:\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|&&|\|\||>>|!~|[-+*/%^!<>|?:~$=,;(){}[\]])/;

export function tokenize(source: string): Token[] {
  const out: Token[] = [];
  let line = 1;
  let i = 0;
  const push = (kind: Token['kind'], text: string) => out.push({ kind, text, line });
  while (i < source.length) {
    const c = source[i] as string;
    const rest = source.slice(i, i + 64);
    if (c === '\n') {
      push('newline', '\n');
      line++;
      i++;
    } else if (c === '\\' && source[i + 1] === '\n') {
      line++;
      i += 2;
    } else if (/\s/.test(c)) i++;
    else if (c === '#') while (i < source.length && source[i] !== '\n') i++;
    else if (c === '"') i = readString(source, i, line, push);
    else if (c === '/' && operandExpected(out[out.length - 1])) i = readRegex(source, i, line, push);
    else if (/^(?:\d|\.\d)/.test(rest)) {
      const m = /^(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(rest) as RegExpExecArray;
      push('number', m[0]);
      i += m[0].length;
    } else if (/[A-Za-z_]/.test(c)) {
      const name = (/^\w+/.exec(source.slice(i, i + 256)) as RegExpExecArray)[0];
      i += name.length;
      if (KEYWORDS.has(name)) push('keyword', name === 'func' ? 'function' : name);
      else if (BUILTINS.has(name)) push('builtin', name);
      else push(source[i] === '(' ? 'func' : 'name', name);
    } else {
      const op = OPERATOR.exec(rest)?.[0];
      if (op === undefined) throw new AwkSyntaxError(c, line);
      push('op', op);
      i += op.length;
    }
  }
  push('newline', '\n');
  line++;
  push('end', '');
  return out;
}

/** Whether an operand, not an operator, may follow. */
function operandExpected(last: Token | undefined): boolean {
  if (!last) return true;
  if (
    last.kind === 'name' ||
    last.kind === 'number' ||
    last.kind === 'string' ||
    last.kind === 'regex' ||
    last.kind === 'builtin'
  )
    return false;
  return !(last.kind === 'op' && [')', ']', '$', '++', '--'].includes(last.text));
}

const ESCAPES: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  '"': '"',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** A string's text with its escapes carried out. */
export function unescapeText(text: string): string {
  return text.replace(/\\([0-7]{1,3}|[\s\S])/g, (whole, e: string) =>
    /^[0-7]/.test(e) ? String.fromCharCode(Number.parseInt(e, 8) & 255) : (ESCAPES[e] ?? whole),
  );
}

type Push = (kind: Token['kind'], text: string) => void;

function readString(source: string, start: number, line: number, push: Push): number {
  let i = start + 1;
  while (i < source.length && source[i] !== '"') {
    if (source[i] === '\n') throw new AwkSyntaxError('"', line);
    i += source[i] === '\\' ? 2 : 1;
  }
  if (i >= source.length) throw new AwkSyntaxError(source.slice(start), line);
  push('string', unescapeText(source.slice(start + 1, i)));
  return i + 1;
}

function readRegex(source: string, start: number, line: number, push: Push): number {
  let i = start + 1;
  let inSet = false;
  while (i < source.length && (source[i] !== '/' || inSet)) {
    if (source[i] === '\n') throw new AwkSyntaxError('/', line);
    if (source[i] === '\\') i++;
    else if (source[i] === '[' && !inSet) {
      inSet = source.indexOf(']', i + 2) > 0;
      if (inSet && source[i + 1] === ']') i++;
      else if (inSet && source[i + 1] === '^' && source[i + 2] === ']') i += 2;
    } else if (source[i] === ']') inSet = false;
    i++;
  }
  if (i >= source.length) throw new AwkSyntaxError(source.slice(start), line);
  push('regex', source.slice(start + 1, i).replace(/\\\//g, '/'));
  return i + 1;
}
