/** `test` and `[`: POSIX's rules by the number of arguments, then a parser. */

import { printErr } from '../../commands/io.ts';
import type { Io } from '../../kernel/process.ts';
import { compareFiles, unaryTest } from '../exec/test-primaries.ts';
import { errorPrefix, type Shell } from '../state.ts';

class TestError extends Error {}

export function* testBuiltin(shell: Shell, words: readonly string[]): Io<number> {
  return yield* run(shell, 'test', words.slice(1));
}

export function* bracket(shell: Shell, words: readonly string[]): Io<number> {
  if (words[words.length - 1] !== ']') {
    yield* printErr(`${errorPrefix(shell)}[: missing \`]'\n`);
    return 2;
  }
  return yield* run(shell, '[', words.slice(1, -1));
}

function* run(shell: Shell, name: string, args: readonly string[]): Io<number> {
  try {
    return evaluate(shell, args) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof TestError)) throw error;
    yield* printErr(`${errorPrefix(shell)}${name}: ${error.message}\n`);
    return 2;
  }
}

const BINARY = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef']);

function evaluate(shell: Shell, args: readonly string[]): boolean {
  const [a = '', b = '', c = '', d = ''] = args;
  switch (args.length) {
    case 0:
      return false;
    case 1:
      return a !== '';
    case 2:
      if (a === '!') return b === '';
      return unary(shell, a, b);
    case 3:
      if (BINARY.has(b)) return binary(shell, a, b, c);
      if (b === '-a') return a !== '' && c !== '';
      if (b === '-o') return a !== '' || c !== '';
      if (a === '!') return !evaluate(shell, [b, c]);
      if (a === '(' && c === ')') return b !== '';
      throw new TestError(`${b}: binary operator expected`);
    case 4:
      if (a === '!') return !evaluate(shell, [b, c, d]);
      if (a === '(' && d === ')') return evaluate(shell, [b, c]);
  }
  return new Parser(shell, args).run();
}

class Parser {
  private at = 0;
  private depth = 0;

  constructor(
    private readonly shell: Shell,
    private readonly args: readonly string[],
  ) {}

  run(): boolean {
    const value = this.or();
    if (this.at < this.args.length) throw new TestError('too many arguments');
    return value;
  }

  private or(): boolean {
    let value = this.and();
    while (this.args[this.at] === '-o') {
      this.at++;
      const right = this.and();
      value = value || right;
    }
    return value;
  }

  private and(): boolean {
    let value = this.term();
    while (this.args[this.at] === '-a') {
      this.at++;
      const right = this.term();
      value = value && right;
    }
    return value;
  }

  private term(): boolean {
    if (++this.depth > 500) throw new TestError('too many arguments');
    try {
      return this.primary();
    } finally {
      this.depth--;
    }
  }

  private primary(): boolean {
    const a = this.args[this.at];
    if (a === undefined) throw new TestError('argument expected');
    const b = this.args[this.at + 1];
    if (a === '!') {
      this.at++;
      return !this.term();
    }
    if (b !== undefined && BINARY.has(b) && this.args[this.at + 2] !== undefined) {
      this.at += 3;
      return binary(this.shell, a, b, this.args[this.at - 1] as string);
    }
    if (a === '(') {
      this.at++;
      const value = this.or();
      if (this.args[this.at] !== ')') throw new TestError("`)' expected");
      this.at++;
      return value;
    }
    if (/^-[a-zA-Z]$/.test(a) && b !== undefined && unaryTest(this.shell, a, b) !== null) {
      this.at += 2;
      return unary(this.shell, a, b);
    }
    this.at++;
    return a !== '';
  }
}

function unary(shell: Shell, operator: string, operand: string): boolean {
  if (operator === '-t' && !/^\d+$/.test(operand)) throw new TestError(`${operand}: integer expression expected`);
  const value = unaryTest(shell, operator, operand);
  if (value === null) throw new TestError(`${operator}: unary operator expected`);
  return value;
}

function number(text: string): bigint {
  const trimmed = text.trim();
  if (!/^[-+]?\d+$/.test(trimmed)) throw new TestError(`${text}: integer expression expected`);
  return BigInt(trimmed.replace(/^\+/, ''));
}

function binary(shell: Shell, a: string, operator: string, b: string): boolean {
  switch (operator) {
    case '=':
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '-eq':
      return number(a) === number(b);
    case '-ne':
      return number(a) !== number(b);
    case '-lt':
      return number(a) < number(b);
    case '-le':
      return number(a) <= number(b);
    case '-gt':
      return number(a) > number(b);
    case '-ge':
      return number(a) >= number(b);
    default:
      return compareFiles(shell, operator, a, b) ?? false;
  }
}
