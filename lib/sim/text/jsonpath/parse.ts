/** Reading kubectl's JSONPath templates. Source: k8s.io/client-go util/jsonpath/parser.go. */

export interface Bound {
  known: boolean;
  value: number;
  derived?: boolean;
}

export type PathNode =
  | { type: 'list'; nodes: PathNode[] }
  | { type: 'text'; text: string }
  | { type: 'field'; name: string }
  | { type: 'value'; value: number | boolean }
  | { type: 'array'; bounds: [Bound, Bound, Bound] }
  | { type: 'filter'; left: PathNode[]; right: PathNode[]; operator: string }
  | { type: 'wildcard' }
  | { type: 'recursive' }
  | { type: 'union'; parts: PathNode[][] }
  | { type: 'identifier'; name: string };

/** A template's length and an expression's nesting are bounded. */
const MAX_LENGTH = 20_000;
const MAX_DEPTH = 20;

const isAlphaNumeric = (c: string): boolean => /^[\p{L}\p{Nd}_]$/u.test(c);
const isTerminator = (c: string): boolean => c === '' || ' \t\r\n.,[]$@{}'.includes(c);

const printable = (c: string): string =>
  `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${c}'`;

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

function unquote(quoted: string): string {
  const quote = quoted[0] as string;
  return quoted.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\s\S])/g, (_, e: string) => {
    if (e.length > 1) return String.fromCharCode(Number.parseInt(e.slice(1), 16));
    if (ESCAPES[e] !== undefined) return ESCAPES[e];
    if (e === '\\' || e === quote) return e;
    throw new Error(`unquote string ${quoted} error invalid syntax`);
  });
}

class Parser {
  private at = 0;

  constructor(
    private readonly input: string,
    private readonly depth: number,
  ) {
    if (input.length > MAX_LENGTH || depth > MAX_DEPTH) throw new Error('template is too large');
  }

  template(): PathNode[] {
    const root: PathNode[] = [];
    while (this.at < this.input.length) {
      const open = this.input.indexOf('{', this.at);
      const end = open < 0 ? this.input.length : open;
      if (end > this.at) root.push({ type: 'text', text: this.input.slice(this.at, end) });
      if (open < 0) break;
      this.at = open + 1;
      root.push({ type: 'list', nodes: this.action() });
    }
    return root;
  }

  /** What stands in braces, as one list. */
  private sub(text: string): PathNode[] {
    const [first] = new Parser(`{${text}}`, this.depth + 1).template();
    return first?.type === 'list' ? first.nodes : [];
  }

  private until(end: (c: string) => boolean): string {
    const start = this.at;
    while (!end(this.input[this.at] ?? '')) this.at++;
    return this.input.slice(start, this.at);
  }

  private action(): PathNode[] {
    const nodes: PathNode[] = [];
    for (;;) {
      const rest = this.input.slice(this.at, this.at + 3);
      const c = rest[0] ?? '';
      if (c === '}') {
        this.at++;
        return nodes;
      }
      if (c === '' || c === '\n' || c === '\r') throw new Error('unclosed action');
      if (rest === '[?(') nodes.push(this.filter());
      else if (rest.startsWith('..')) {
        if (nodes.at(-1)?.type === 'recursive') throw new Error('invalid multiple recursive descent');
        this.at += 2;
        nodes.push({ type: 'recursive' });
        if (isAlphaNumeric(this.input[this.at] ?? '')) nodes.push(this.field());
      } else if (c === ' ' || c === '@' || c === '$') this.at++;
      else if (c === '[') nodes.push(...this.array());
      else if (c === '"' || c === "'") nodes.push(this.quoted(c));
      else if (c === '.') {
        this.at++;
        nodes.push(this.field());
      } else if (/[+\-\d]/.test(c)) nodes.push(this.number());
      else if (isAlphaNumeric(c)) {
        const name = this.until(isTerminator);
        nodes.push(
          name === 'true' || name === 'false'
            ? { type: 'value', value: name === 'true' }
            : { type: 'identifier', name },
        );
      } else throw new Error(`unrecognized character in action: ${printable(c)}`);
    }
  }

  private field(): PathNode {
    const start = this.at;
    for (; ; this.at++) {
      const c = this.input[this.at] ?? '';
      if (c === '\\') this.at++;
      else if (isTerminator(c)) break;
    }
    const name = this.input.slice(start, this.at);
    return name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll('\\', '') };
  }

  private number(): PathNode {
    const start = this.at;
    if (/[+-]/.test(this.input[this.at] ?? '')) this.at++;
    while (/[.\d]/.test(this.input[this.at] ?? '')) this.at++;
    const text = this.input.slice(start, this.at);
    if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) throw new Error(`cannot parse number ${text}`);
    return { type: 'value', value: Number(text) };
  }

  private quoted(end: string): PathNode {
    const start = this.at++;
    for (; ; this.at++) {
      const c = this.input[this.at] ?? '';
      if (c === '' || c === '\n') throw new Error('unterminated quoted string');
      if (c === end && this.input[this.at - 1] !== '\\') break;
    }
    return { type: 'text', text: unquote(this.input.slice(start, ++this.at)) };
  }

  private array(): PathNode[] {
    const inner = this.until((c) => c === '' || c === '\n' || c === ']').slice(1);
    if (this.input[this.at] !== ']') throw new Error('unterminated array');
    this.at++;
    const text = inner === '*' ? ':' : inner;
    const parts = text.split(',');
    if (parts.length > 1)
      return [{ type: 'union', parts: parts.map((p) => this.sub(`[${p.replace(/^ +| +$/g, '')}]`)) }];
    const key = /^'([^']*)'$/.exec(text);
    if (key) return this.sub(`.${key[1]}`);
    const slice = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text);
    if (!slice) throw new Error(`invalid array index ${text}`);
    const bound = (part: string | undefined): Bound =>
      part === undefined || part === '' ? { known: false, value: 0 } : { known: true, value: Number(part) };
    const from = bound(slice[1]);
    const to =
      slice[2] === undefined ? { known: true, value: from.value + 1, derived: true } : bound(slice[2].slice(1));
    return [{ type: 'array', bounds: [from, to, bound(slice[3]?.slice(1))] }];
  }

  private filter(): PathNode {
    this.at += 3;
    const start = this.at;
    let [pair, closed] = ['', false];
    for (; ; this.at++) {
      const c = this.input[this.at] ?? '';
      if (c === '' || c === '\n') throw new Error('unterminated filter');
      if ((c === '"' || c === "'") && pair === '') pair = c;
      else if (c === pair && this.input[this.at - 1] !== '\\') closed = true;
      else if (c === ')' && (pair !== '') === closed) break;
    }
    const text = this.input.slice(start, this.at);
    if (this.input[++this.at] !== ']') throw new Error('unclosed array expect ]');
    this.at++;
    const parts = /^([^!<>=]+)([!<>=~]+)(.+)$/.exec(text);
    if (!parts) return { type: 'filter', left: this.sub(text), right: [], operator: 'exists' };
    return {
      type: 'filter',
      left: this.sub(parts[1] as string),
      right: this.sub(parts[3] as string),
      operator: parts[2] as string,
    };
  }
}

/** Text and expressions of a template, in order. Throws the real parser's complaint. */
export const parseTemplate = (text: string): PathNode[] => new Parser(text, 0).template();
