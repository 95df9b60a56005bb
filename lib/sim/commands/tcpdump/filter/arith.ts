/** Arithmetic over packet bytes: `tcp[tcpflags] & (tcp-syn|tcp-fin) != 0`, `len > 100`. */
import { type Cursor, FilterError, syntax } from './cursor.ts';
import type { Arith, Expr } from './expr.ts';
import { type Base, bytesAt } from './primitives.ts';

const BASES = [
  'ether',
  'ip',
  'ip6',
  'arp',
  'rarp',
  'tcp',
  'udp',
  'icmp',
  'icmp6',
  'sctp',
  'igmp',
  'ah',
  'esp',
  'pim',
  'vrrp',
  'carp',
  'igrp',
];
const RELATIONS = ['=', '==', '!=', '<', '>', '<=', '>='];
/** Binary operators, weakest first: the precedence that grammar.y declares. */
const LEVELS = [
  ['|', '&', '^'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];
const MAX_DEPTH = 60;

const symAt = (c: Cursor, at: number): string => (c.tokens[at]?.kind === 'sym' ? c.tokens[at]!.text : '');

/** Whether a relation (not a plain test) begins at the cursor. */
export function startsRelation(c: Cursor): boolean {
  const token = c.tokens[c.at]!;
  const next = symAt(c, c.at + 1);
  if (token.kind === 'word' && BASES.includes(token.text)) return next === '[';
  if (token.kind === 'word' && token.text === 'len') return true;
  const joins = (sym: string) => sym !== '' && !['(', ')', '[', ']', ':'].includes(sym);
  if (token.kind === 'num') return joins(next);
  if (token.kind !== 'sym') return false;
  if (token.text === '-') return true;
  if (token.text !== '(') return false;
  let depth = 0;
  for (let at = c.at; at < c.tokens.length; at++) {
    if (symAt(c, at) === '(') depth++;
    else if (symAt(c, at) === ')' && --depth === 0) return joins(symAt(c, at + 1));
  }
  return false;
}

/** One relation: arithmetic, an operator, arithmetic. */
export function parseArith(c: Cursor): Expr {
  const left = level(c, 0);
  const op = symAt(c, c.at);
  if (!RELATIONS.includes(op)) syntax();
  c.at++;
  const right = level(c, 0);
  const a0 = left.constant;
  const b0 = right.constant;
  const fixed = a0 === undefined || b0 === undefined ? null : compare(op, a0, b0);
  return {
    test: (f) => {
      const a = left.value(f);
      const b = right.value(f);
      if (a === null || b === null) return false;
      return compare(op, a, b);
    },
    verdict: (k) => (left.reads(k) && right.reads(k) ? fixed : false),
  };
}

function compare(op: string, a: number, b: number): boolean {
  if (op === '=' || op === '==') return a === b;
  if (op === '!=') return a !== b;
  if (op === '<') return a < b;
  if (op === '>') return a > b;
  return op === '<=' ? a <= b : a >= b;
}

function level(c: Cursor, depth: number): Arith {
  if (depth === LEVELS.length) return unary(c);
  let left = level(c, depth + 1);
  for (;;) {
    const op = symAt(c, c.at);
    if (!LEVELS[depth]!.includes(op)) return left;
    c.at++;
    const zero = c.tokens[c.at]?.kind === 'num' && c.tokens[c.at]!.value === 0;
    if (zero && op === '/') throw new FilterError('division by zero');
    if (zero && op === '%') throw new FilterError('modulus by zero');
    left = binary(op, left, level(c, depth + 1));
  }
}

function binary(op: string, a: Arith, b: Arith): Arith {
  const known = a.constant === undefined || b.constant === undefined ? null : calculate(op, a.constant, b.constant);
  return {
    ...(known === null ? {} : { constant: known }),
    value: (f) => {
      const x = a.value(f);
      const y = b.value(f);
      return x === null || y === null ? null : calculate(op, x, y);
    },
    reads: (k) => a.reads(k) && b.reads(k),
  };
}

function calculate(op: string, x: number, y: number): number | null {
  switch (op) {
    case '+':
      return (x + y) >>> 0;
    case '-':
      return (x - y) >>> 0;
    case '*':
      return Math.imul(x, y) >>> 0;
    case '/':
      return y === 0 ? null : Math.floor(x / y);
    case '%':
      return y === 0 ? null : x % y;
    case '&':
      return (x & y) >>> 0;
    case '|':
      return (x | y) >>> 0;
    case '^':
      return (x ^ y) >>> 0;
    case '<<':
      return y > 31 ? 0 : (x << y) >>> 0;
    default:
      return y > 31 ? 0 : x >>> y;
  }
}

const constant = (value: number): Arith => ({ value: () => value, reads: () => true, constant: value });

function unary(c: Cursor): Arith {
  const token = c.tokens[c.at++]!;
  if (++c.depth > MAX_DEPTH) syntax();
  const result = atom(c, token.kind, token.text, token.value);
  c.depth--;
  return result;
}

function atom(c: Cursor, kind: string, text: string, value: number): Arith {
  if (kind === 'num') return constant(value >>> 0);
  if (kind === 'word' && text === 'len') return { value: (f) => f.length, reads: () => true };
  if (kind === 'sym' && text === '-') return binary('-', constant(0), unary(c));
  if (kind === 'sym' && text === '(') {
    const inner = level(c, 0);
    expect(c, ')');
    return inner;
  }
  if (kind !== 'word' || !BASES.includes(text)) return syntax();
  expect(c, '[');
  const index = level(c, 0);
  let size = 1;
  if (symAt(c, c.at) === ':') {
    c.at++;
    const token = c.tokens[c.at++]!;
    if (token.kind !== 'num') syntax();
    size = token.value;
    if (size !== 1 && size !== 2 && size !== 4) throw new FilterError('data size must be 1, 2, or 4');
  }
  expect(c, ']');
  return bytesAt(c.tags, text as Base, index, size as 1 | 2 | 4);
}

function expect(c: Cursor, sym: string): void {
  if (symAt(c, c.at) !== sym) syntax();
  c.at++;
}
