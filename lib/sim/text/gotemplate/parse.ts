/** Reading a Go template. Source: Go src/text/template/parse/parse.go. */
import { FUNCTIONS } from './functions.ts';
import { lex, type Piece, TemplateError, type Token } from './lex.ts';

export type Arg = { at: number; shown: string } & (
  | { type: 'field'; fields: string[] }
  | { type: 'variable'; name: string; fields: string[] }
  | { type: 'value'; value: unknown }
  | { type: 'dot' }
  | { type: 'function'; name: string }
  | { type: 'pipe'; pipe: Pipe; fields: string[] }
);

export interface Command {
  args: Arg[];
  at: number;
  shown: string;
}

export interface Pipe {
  declared: string[];
  assigns: boolean;
  commands: Command[];
}

export type Node =
  | { type: 'text'; text: string }
  | { type: 'action'; pipe: Pipe }
  | { type: 'if' | 'with' | 'range'; pipe: Pipe; body: Node[]; otherwise: Node[] }
  | { type: 'break' | 'continue' };

const MAX_DEPTH = 40;

const unquoted = (text: string): string =>
  text.startsWith('`')
    ? text.slice(1, -1)
    : text
        .slice(1, -1)
        .replace(/\\(.)/g, (_, c: string) => (({ n: '\n', t: '\t', r: '\r' }) as Record<string, string>)[c] ?? c);

class Parser {
  private next = 0;
  private tokens: Token[] = [];
  private depth = 0;

  constructor(private readonly pieces: Piece[]) {}

  /** Nodes up to `{{end}}` or `{{else …}}`, which is left to the caller. */
  block(inside: string | null): Node[] {
    const nodes: Node[] = [];
    for (; this.next < this.pieces.length; this.next++) {
      const { text, action = [], at } = this.pieces[this.next] as Piece;
      if (text !== undefined) {
        nodes.push({ type: 'text', text });
        continue;
      }
      this.tokens = action.filter((t, i) => t.type !== 'space' || i > 0);
      const word = this.tokens[0]?.type === 'word' ? this.tokens[0].text : '';
      if (word === 'end' || word === 'else') {
        if (inside === null) throw new TemplateError(`unexpected {{${word}}}`, at);
        return nodes;
      }
      if (this.tokens.length === 0) throw new TemplateError('missing value for command', at);
      if (word === 'if' || word === 'with' || word === 'range') {
        this.tokens.shift();
        nodes.push(this.control(word, at));
      } else if (word === 'break' || word === 'continue') nodes.push({ type: word });
      else if (word === 'template' || word === 'define' || word === 'block')
        throw new TemplateError(`unexpected <${word}> in command`, at);
      else nodes.push({ type: 'action', pipe: this.pipe('command', at) });
    }
    if (inside !== null) throw new TemplateError('unexpected EOF', this.pieces.at(-1)?.at ?? 0);
    return nodes;
  }

  private control(type: 'if' | 'with' | 'range', at: number): Node {
    if (++this.depth > MAX_DEPTH) throw new TemplateError('template is nested too deeply', at);
    const pipe = this.pipe(type, at);
    this.next++;
    const body = this.block(type);
    let otherwise: Node[] = [];
    const rest = this.tokens.slice(1).filter((t) => t.type !== 'space');
    if (this.tokens[0]?.text === 'else') {
      if (rest[0]?.text === 'if' || rest[0]?.text === 'with') {
        this.tokens = this.tokens.slice(this.tokens.indexOf(rest[0]) + 1);
        otherwise = [this.control(rest[0].text as 'if', at)];
      } else {
        this.next++;
        otherwise = this.block(type);
      }
    }
    this.depth--;
    return { type, pipe, body, otherwise };
  }

  private blanks(): void {
    while (this.tokens[0]?.type === 'space') this.tokens.shift();
  }

  private pipe(context: string, at: number): Pipe {
    this.blanks();
    const pipe: Pipe = { declared: [], assigns: false, commands: [] };
    const plain = this.tokens.filter((t) => t.type !== 'space');
    const shape = plain.slice(0, 4).map((t) => t.type);
    const pair = shape[0] === 'variable' && shape[1] === ',' && shape[2] === 'variable';
    const sign = plain[pair ? 3 : 1];
    if (shape[0] === 'variable' && (sign?.type === ':=' || sign?.type === '=')) {
      pipe.declared = plain.slice(0, pair ? 3 : 1).flatMap((t) => (t.type === 'variable' ? [t.text] : []));
      pipe.assigns = sign.type === '=';
      this.tokens = this.tokens.slice(this.tokens.indexOf(sign) + 1);
    }
    for (;;) {
      this.blanks();
      const [token] = this.tokens;
      if (!token || token.type === ')') {
        if (pipe.commands.length === 0) throw new TemplateError(`missing value for ${context}`, at);
        return pipe;
      }
      pipe.commands.push(this.command());
      this.blanks();
      if (this.tokens[0]?.type === '|') {
        this.tokens.shift();
        this.blanks();
        if (!this.tokens[0]) throw new TemplateError('missing value for command', at);
      }
    }
  }

  private command(): Command {
    const args: Arg[] = [];
    const at = this.tokens[0]?.at ?? 0;
    for (;;) {
      this.blanks();
      const [token] = this.tokens;
      if (!token || token.type === '|' || token.type === ')') break;
      args.push(this.operand());
    }
    return { args, at, shown: args.map((a) => a.shown).join(' ') };
  }

  /** `.b.c` that follow an operand. */
  private fields(): Token[] {
    const found: Token[] = [];
    while (this.tokens[0]?.type === 'field') found.push(this.tokens.shift() as Token);
    return found;
  }

  private operand(): Arg {
    const token = this.tokens.shift() as Token;
    const { at, text } = token;
    const value = (v: unknown): Arg => ({ type: 'value', value: v, at, shown: text });
    const names = (list: Token[]): string[] => list.map((t) => t.text.slice(1));
    switch (token.type) {
      case 'field': {
        const more = this.fields();
        const shown = text + more.map((t) => t.text).join('');
        return { type: 'field', fields: names([token, ...more]), at: more[0]?.at ?? at, shown };
      }
      case 'variable': {
        const more = this.fields();
        const shown = text + more.map((t) => t.text).join('');
        return { type: 'variable', name: text, fields: names(more), at: more[0]?.at ?? at, shown };
      }
      case '.':
        return { type: 'dot', at, shown: '.' };
      case 'string':
        return value(unquoted(text));
      case 'char':
        return value(BigInt(unquoted(text).codePointAt(0) ?? 0));
      case 'number':
        return value(/^[+-]?(0x[\da-fA-F]+|\d+)$/.test(text) ? BigInt(text) : Number(text));
      case 'word':
        if (text === 'true' || text === 'false') return value(text === 'true');
        if (text === 'nil') return value(null);
        if (!Object.hasOwn(FUNCTIONS, text) && text !== 'and' && text !== 'or')
          throw new TemplateError(`function "${text}" not defined`, at);
        return { type: 'function', name: text, at, shown: text };
      case '(': {
        const pipe = this.pipe('parenthesized pipeline', at);
        if (this.tokens.shift()?.type !== ')') throw new TemplateError('unclosed left paren', at);
        const shown = `(${pipe.commands.map((c) => c.shown).join(' | ')})`;
        const more = this.fields();
        return { type: 'pipe', pipe, fields: names(more), at, shown: shown + more.map((t) => t.text).join('') };
      }
      default:
        throw new TemplateError(`unexpected ${JSON.stringify(text)} in operand`, at);
    }
  }
}

/** The nodes of a template. Throws {@link TemplateError}. */
export const parse = (source: string): Node[] => new Parser(lex(source)).block(null);
