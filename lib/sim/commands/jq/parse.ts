/** jq's grammar (1.6) by precedence climbing. */
import { type Filter, JqNotModelled, JqSyntaxError } from './ast.ts';
import { type Token, tokenize } from './lex.ts';

const MAX_DEPTH = 200;

/** Parses a filter. Throws {@link JqSyntaxError}, {@link JqNotModelled}. */
export const parseJq = (source: string): Filter => parseTokens(tokenize(source, { at: 0 }, 0, false));

/** Parses tokens that end with `end`. */
export const parseTokens = (tokens: Token[]): Filter => new Parser(tokens).program();

const BINARY: Record<string, number> = {
  '==': 4,
  '!=': 4,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
};
const ASSIGN = new Set(['=', '|=', '+=', '-=', '*=', '/=', '%=', '//=']);

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: Token[]) {}

  program(): Filter {
    if (this.ended()) return { t: 'identity' };
    const f = this.pipe();
    if (!this.ended()) this.fail();
    return f;
  }

  private ended(): boolean {
    return this.token.kind === 'end';
  }

  private get token(): Token {
    return this.tokens[this.at] as Token;
  }

  private is(text: string): boolean {
    return (this.token.kind === 'op' || this.token.kind === 'name') && this.token.text === text;
  }

  private take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (!this.take(text)) this.fail();
  }

  private fail(expecting = ''): never {
    const { kind, text } = this.token;
    const shown =
      kind === 'end'
        ? '$end'
        : kind === 'field'
          ? 'FIELD'
          : kind === 'name'
            ? KEYWORDS.has(text)
              ? text
              : 'IDENT'
            : kind === 'number'
              ? 'LITERAL'
              : kind === 'string'
                ? 'QQSTRING_START'
                : `'${text}'`;
    throw new JqSyntaxError(`syntax error, unexpected ${shown}${expecting}`, this.token.at);
  }

  private pipe(): Filter {
    if (++this.depth > MAX_DEPTH) throw new JqSyntaxError('syntax error, memory exhausted');
    try {
      if (this.is('def')) return this.define();
      const a = this.comma();
      if (this.is('as')) return this.bind(a);
      if (!this.take('|')) return a;
      return { t: 'pipe', a, b: this.pipe() };
    } finally {
      this.depth--;
    }
  }

  private define(): Filter {
    this.at++;
    const name = this.name();
    const params: string[] = [];
    if (this.take('(')) {
      do {
        if (this.token.kind === 'variable') throw new JqNotModelled('def with $parameters');
        params.push(this.name());
      } while (this.take(';'));
      this.expect(')');
    }
    this.expect(':');
    const body = this.pipe();
    this.expect(';');
    return { t: 'define', name, params, body, rest: this.pipe() };
  }

  private name(): string {
    if (this.token.kind !== 'name') this.fail();
    return (this.tokens[this.at++] as Token).text;
  }

  private bind(source: Filter): Filter {
    this.expect('as');
    const name = this.variable();
    this.expect('|');
    return { t: 'bind', source, name, body: this.pipe() };
  }

  private variable(): string {
    if (this.token.kind !== 'variable') throw new JqNotModelled('destructuring');
    return (this.tokens[this.at++] as Token).text;
  }

  private comma(): Filter {
    let a = this.alternative();
    while (this.take(',')) a = { t: 'comma', a, b: this.alternative() };
    return a;
  }

  /** `//` and assignments bind less than `or`. */
  private alternative(): Filter {
    const a = this.or();
    if (this.take('//')) return { t: 'alternative', a, b: this.alternative() };
    if (this.token.kind === 'op' && ASSIGN.has(this.token.text)) {
      const op = this.token.text;
      this.at++;
      return { t: 'assign', op, path: a, value: this.alternative() };
    }
    return a;
  }

  private or(): Filter {
    let a = this.and();
    while (this.take('or')) a = { t: 'or', a, b: this.and() };
    return a;
  }

  private and(): Filter {
    let a = this.binary(4);
    while (this.take('and')) a = { t: 'and', a, b: this.binary(4) };
    return a;
  }

  private binary(level: number): Filter {
    if (level > 6) return this.unary();
    let a = this.binary(level + 1);
    while (this.token.kind === 'op' && BINARY[this.token.text] === level) {
      const op = this.token.text;
      this.at++;
      a = { t: 'binary', op, a, b: this.binary(level + 1) };
      if (level === 4 && this.token.kind === 'op' && BINARY[this.token.text] === 4) this.fail();
    }
    return a;
  }

  private unary(): Filter {
    if (this.take('-')) return { t: 'negate', of: this.unary() };
    return this.postfix();
  }

  private postfix(): Filter {
    let f = this.primary();
    for (;;) {
      if (this.token.kind === 'field') {
        const name: Filter = { t: 'literal', value: (this.tokens[this.at++] as Token).text };
        f = { t: 'field', of: f, name, optional: this.take('?') };
      } else if (
        this.is('.') &&
        (this.tokens[this.at + 1]?.kind === 'string' || this.tokens[this.at + 1]?.text === '[')
      ) {
        this.at++;
        if (this.token.kind === 'string') f = { t: 'field', of: f, name: this.string(null), optional: this.take('?') };
      } else if (this.is('[')) f = this.index(f);
      else if (this.is('?')) {
        this.at++;
        f = { t: 'try', body: f, handler: null };
      } else return f;
    }
  }

  private index(of: Filter): Filter {
    this.expect('[');
    if (this.take(']')) return { t: 'iterate', of, optional: this.take('?') };
    if (this.take(':')) {
      const to = this.pipe();
      this.expect(']');
      return { t: 'slice', of, from: null, to, optional: this.take('?') };
    }
    const first = this.pipe();
    if (this.take(':')) {
      const to = this.is(']') ? null : this.pipe();
      this.expect(']');
      return { t: 'slice', of, from: first, to, optional: this.take('?') };
    }
    this.expect(']');
    return { t: 'field', of, name: first, optional: this.take('?') };
  }

  private string(format: string | null): Filter {
    const { parts } = this.tokens[this.at++] as Token;
    return { t: 'string', format, parts: parts as (string | Filter)[] };
  }

  private primary(): Filter {
    const token = this.token;
    switch (token.kind) {
      case 'number':
        this.at++;
        return { t: 'literal', value: Number(token.text) };
      case 'string':
        return this.string(null);
      case 'format':
        this.at++;
        return this.token.kind === 'string' ? this.string(token.text) : { t: 'format', name: token.text };
      case 'field':
        this.at++;
        return {
          t: 'field',
          of: { t: 'identity' },
          name: { t: 'literal', value: token.text },
          optional: this.take('?'),
        };
      case 'variable':
        this.at++;
        return { t: 'variable', name: token.text };
      case 'name':
        return this.named(token.text);
      case 'op':
        return this.operator(token.text);
      default:
        return this.fail();
    }
  }

  private operator(text: string): Filter {
    this.at++;
    if (text === '.') {
      if (this.token.kind === 'string')
        return { t: 'field', of: { t: 'identity' }, name: this.string(null), optional: this.take('?') };
      return { t: 'identity' };
    }
    if (text === '..') return { t: 'recurse' };
    if (text === '(') {
      const f = this.pipe();
      this.expect(')');
      return f;
    }
    if (text === '[') {
      if (this.take(']')) return { t: 'array', of: null };
      const of = this.pipe();
      this.expect(']');
      return { t: 'array', of };
    }
    if (text === '{') return this.object();
    this.at--;
    return this.fail();
  }

  private object(): Filter {
    const entries: { key: Filter; value: Filter }[] = [];
    while (!this.take('}')) {
      entries.push(this.entry());
      if (!this.take(',') && !this.is('}')) this.fail(", expecting '}'");
    }
    return { t: 'object', entries };
  }

  private entry(): { key: Filter; value: Filter } {
    const token = this.token;
    let key: Filter;
    let short: Filter | null = null;
    if (token.kind === 'variable') {
      this.at++;
      return { key: { t: 'literal', value: token.text }, value: { t: 'variable', name: token.text } };
    }
    if (token.kind === 'name' || token.kind === 'number') {
      this.at++;
      key = { t: 'literal', value: token.text };
      short = { t: 'field', of: { t: 'identity' }, name: key, optional: false };
    } else if (token.kind === 'string') {
      key = this.string(null);
      short = { t: 'field', of: { t: 'identity' }, name: key, optional: false };
    } else if (this.take('(')) {
      key = this.pipe();
      this.expect(')');
    } else return this.fail();
    if (this.take(':')) return { key, value: this.objectValue() };
    if (token.kind === 'name' && KEYWORDS.has(token.text)) this.fail(", expecting ':'");
    return short ? { key, value: short } : this.fail();
  }

  private objectValue(): Filter {
    let a = this.alternative();
    while (this.take('|')) a = { t: 'pipe', a, b: this.alternative() };
    return a;
  }

  private named(name: string): Filter {
    this.at++;
    switch (name) {
      case 'null':
        return { t: 'literal', value: null };
      case 'true':
      case 'false':
        return { t: 'literal', value: name === 'true' };
      case 'if':
        return this.conditional();
      case 'try': {
        const body = this.postfix();
        return { t: 'try', body, handler: this.take('catch') ? this.postfix() : null };
      }
      case 'reduce':
      case 'foreach':
        return this.fold(name);
      case 'label':
      case 'import':
      case 'include':
      case 'limit' as string:
        if (name !== 'limit') throw new JqNotModelled(name);
    }
    if (KEYWORDS.has(name)) {
      this.at--;
      this.fail();
    }
    const args: Filter[] = [];
    if (this.take('(')) {
      do args.push(this.pipe());
      while (this.take(';'));
      this.expect(')');
    }
    return { t: 'call', name, args };
  }

  private conditional(): Filter {
    const cases: { test: Filter; yes: Filter }[] = [];
    do {
      const test = this.pipe();
      this.expect('then');
      cases.push({ test, yes: this.pipe() });
    } while (this.take('elif'));
    const otherwise = this.take('else') ? this.pipe() : null;
    this.expect('end');
    // jq 1.6 has no `if` without `else`.
    if (!otherwise)
      throw new JqSyntaxError(
        'syntax error, unexpected end, expecting elif or else or end'.replace(', expecting elif or else or end', ''),
      );
    return { t: 'if', cases, otherwise };
  }

  private fold(t: 'reduce' | 'foreach'): Filter {
    const source = this.postfix();
    this.expect('as');
    const name = this.variable();
    this.expect('(');
    const init = this.pipe();
    this.expect(';');
    const update = this.pipe();
    const extract = t === 'foreach' && this.take(';') ? this.pipe() : null;
    this.expect(')');
    return { t, source, name, init, update, extract };
  }
}

const KEYWORDS = new Set([
  'def',
  'if',
  'then',
  'elif',
  'else',
  'end',
  'as',
  'reduce',
  'foreach',
  'try',
  'catch',
  'label',
  'import',
  'include',
  'and',
  'or',
  'not_',
]);
