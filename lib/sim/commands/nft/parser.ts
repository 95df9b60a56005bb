/** The base of nft's parsers: a cursor over tokens, and the two kinds of errors. */
import type { Family } from '../../linux/netfilter/types.ts';
import type { NetNs } from '../../linux/types.ts';
import { type Span, type Token, tokenName } from './lexer.ts';

/** An error with the place it stands at: syntax errors are all collected, others end the run. */
export class NftError extends Error {
  constructor(
    message: string,
    readonly span: Span,
    readonly syntax = false,
    /** A second place, underlined with `~`. */
    readonly also: Span | null = null,
  ) {
    super(message);
  }
}

/** Something nft knows, or words for an error, that the model has not. */
export class Unmodelled extends Error {}

export class Cursor {
  at = 0;
  /** What the words mean where it is not their grammar that is wrong: found while parsing, told only when all parses. */
  deferred: NftError | null = null;

  constructor(
    readonly tokens: readonly Token[],
    readonly ns: NetNs,
    public family: Family = 'ip',
  ) {}

  get token(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] as Token;
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
    return t.text === text && t.kind !== 'quoted';
  }

  eat(text: string): boolean {
    if (!this.is(text)) return false;
    this.next();
    return true;
  }

  /** The parser's own error at the token in hand. */
  unexpected(expecting = ''): never {
    const name = tokenName(this.token);
    if (name === null) throw new Unmodelled(`nft syntax error at '${this.token.text}'`);
    throw new NftError(
      `syntax error, unexpected ${name}${expecting ? `, expecting ${expecting}` : ''}`,
      this.token,
      true,
    );
  }

  expect(text: string): void {
    if (!this.eat(text)) this.unexpected();
  }

  word(expecting = ''): Token {
    const { kind } = this.token;
    if (kind !== 'word') this.unexpected(expecting);
    return this.next();
  }

  number(): number {
    if (this.token.kind !== 'number') this.unexpected();
    return Number(this.next().text);
  }

  quoted(): string {
    const { kind, text } = this.token;
    if (kind !== 'quoted' && kind !== 'word') this.unexpected();
    this.next();
    return kind === 'quoted' ? text.slice(1, -1) : text;
  }

  defer(message: string, span: Span): void {
    this.deferred ??= new NftError(message, span);
  }

  get ended(): boolean {
    return this.token.kind === 'eof';
  }

  get atEnd(): boolean {
    return this.token.kind === 'newline' || this.token.kind === 'eof' || this.is(';') || this.is('}');
  }

  /** `stmt_separator`. */
  separator(): void {
    if (this.token.kind === 'newline' || this.is(';')) this.next();
    else this.unexpected('newline or semicolon');
  }

  skipBlank(): void {
    while (this.token.kind === 'newline' || this.is(';')) this.next();
  }

  skipNewlines(): void {
    while (this.token.kind === 'newline') this.next();
  }
}

/** `1h30m`, `30s` or a bare number of seconds; null when it is none. */
export function seconds(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(?:\d+[dhms])+$/.test(text)) return null;
  const unit: Record<string, number> = { d: 86400, h: 3600, m: 60, s: 1 };
  return [...text.matchAll(/(\d+)([dhms])/g)].reduce((sum, m) => sum + Number(m[1]) * (unit[m[2] as string] ?? 0), 0);
}
