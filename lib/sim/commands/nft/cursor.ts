/** The base of nft's parsers: a cursor over tokens, and the two kinds of errors. */
import type { NetNs } from '../../linux/types.ts';
import type { Raw } from './ast.ts';
import { isKeyword } from './keywords.ts';
import { type Span, type Token, tokenName } from './lexer.ts';

/** An error with the place it stands at. */
export class NftError extends Error {
  constructor(
    message: string,
    readonly span: Span,
    /** Found by the grammar: the parser goes on behind the next separator. */
    readonly syntax = false,
    /** A second place, underlined with `~`. */
    readonly also: Span | null = null,
  ) {
    super(message);
  }

  again(): NftError {
    return new NftError(this.message, this.span, this.syntax, this.also);
  }

  /** What the kernel will say of it: nft goes on. */
  kernel = false;
  /** Found behind a whole line of a block: the block is given up, too. */
  outer = false;
  /** What nft says besides. */
  more: NftError | null = null;
}

/** Something nft knows, or words for an error, that the model has not. */
export class Unmodelled extends Error {}

/** nft ends by one of its own assertions: what it prints, and status 134 (SIGABRT). */
export class Aborted extends Error {}

/** Scopes with something optional at their end. */
const LINGERING = new Set([
  'ct',
  'meta',
  'limit',
  'counter',
  'quota',
  'log',
  'nat',
  'queue',
  'numgen',
  'hash',
  'synproxy',
  'reject',
]);

/** The parser gave up: ten errors, or the input ended inside a block. */
export class Abort extends Error {}

export class Cursor {
  at = 0;
  scopes: string[] = [];
  errors: NftError[] = [];
  /** Variables of `define`, innermost block last. */
  defines: Map<string, Raw>[] = [new Map()];

  constructor(
    public tokens: readonly Token[],
    readonly ns: NetNs,
    readonly include: (path: string, quiet: boolean) => Token[] | null = () => null,
  ) {}

  get token(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] as Token;
  }

  peek(n = 1): Token {
    return this.tokens[Math.min(this.at + n, this.tokens.length - 1)] as Token;
  }

  get last(): Token {
    return this.tokens[Math.max(0, this.at - 1)] as Token;
  }

  next(): Token {
    const t = this.token;
    if (this.at < this.tokens.length - 1) this.at++;
    return t;
  }

  is(text: string): boolean {
    const t = this.token;
    return t.text === text && (t.kind === 'word' || t.kind === 'symbol');
  }

  oneOf(...words: string[]): boolean {
    return words.some((w) => this.is(w));
  }

  eat(text: string): boolean {
    if (!this.is(text)) return false;
    this.next();
    return true;
  }

  /** From a token's start to what was read last. */
  since(start: number): Span {
    return { start, end: this.last.end };
  }

  fail(message: string, span: Span): never {
    throw new NftError(message, span, true);
  }

  /** The same behind a line of a block. */
  failOuter(message: string, span: Span): never {
    const e = new NftError(message, span, true);
    e.outer = true;
    throw e;
  }

  /** The parser's own error at the token in hand. */
  unexpected(expecting = ''): never {
    const name = tokenName(this.token, this.openScopes);
    this.fail(`syntax error, unexpected ${name}${expecting ? `, expecting ${expecting}` : ''}`, this.token);
  }

  expect(text: string, expecting = ''): Token {
    if (!this.is(text)) this.unexpected(expecting);
    return this.next();
  }

  /** A scope whose end the grammar sees only by the next word: that word is still read in it. */
  private tail: { scope: string; at: number } | null = null;

  /** Runs with the words of a scope as keywords. */
  scoped<T>(scope: string, run: () => T): T {
    this.scopes.push(scope);
    const found = run();
    this.scopes.pop();
    if (LINGERING.has(scope)) this.tail = { scope, at: this.at };
    return found;
  }

  private get openScopes(): readonly string[] {
    return this.tail?.at === this.at ? [...this.scopes, this.tail.scope] : this.scopes;
  }

  get isKeyword(): boolean {
    return this.token.kind === 'word' && isKeyword(this.token.text, this.openScopes);
  }

  /** A name: a string that is no keyword. */
  name(expecting = ''): Token {
    if (this.token.kind !== 'word' || this.isKeyword) this.unexpected(expecting);
    return this.next();
  }

  number(expecting = ''): number {
    if (this.token.kind !== 'number') this.unexpected(expecting);
    return numberOf(this.next().text);
  }

  /** A string in quotes or not; with an asterisk behind it or not. */
  string(expecting = ''): string {
    const { kind } = this.token;
    if (kind !== 'quoted' && kind !== 'asterisk' && (kind !== 'word' || this.isKeyword)) this.unexpected(expecting);
    return unquote(this.next());
  }

  get ended(): boolean {
    return this.token.kind === 'eof';
  }

  get atSeparator(): boolean {
    return this.token.kind === 'newline' || this.is(';');
  }

  separator(): void {
    if (this.atSeparator) this.next();
    else this.unexpected('newline or semicolon');
  }

  skipNewlines(): void {
    while (this.token.kind === 'newline') this.next();
  }

  define(name: string): Raw | undefined {
    for (let i = this.defines.length - 1; i >= 0; i--) {
      const found = this.defines[i]?.get(name);
      if (found) return found;
    }
    return undefined;
  }

  /** bison's `error stmt_separator`: words up to the next separator are passed over. */
  recover(e: unknown): void {
    if (!(e instanceof NftError) || !e.syntax) throw e;
    this.scopes = [];
    this.errors.push(e);
    if (this.errors.length >= 10) throw new Abort();
    while (!this.atSeparator) {
      if (this.token.kind === 'eof') throw new Abort();
      this.next();
    }
    this.next();
  }
}

export const unquote = (t: Token): string => (t.kind === 'quoted' ? t.text.slice(1, -1) : t.text.replace('\\*', '*'));

/** Decimal, or hexadecimal behind 0x. */
export const numberOf = (text: string): number => (/^0x/i.test(text) ? Number(text) : Number.parseInt(text, 10));
