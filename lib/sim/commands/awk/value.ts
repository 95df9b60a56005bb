import { formatFloat } from '../../text/printf.ts';

/** Text from input that looks like a number: compares as one. */
export class Strnum {
  constructor(
    readonly text: string,
    readonly num: number,
  ) {}
}

/** A scalar; undefined is a variable never set. */
export type Value = number | string | Strnum | undefined;

const LOOKS = /^\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)\s*$/;
/** mawk takes hexadecimal, as its strtod(3) does. */
const HEX = /^\s*([-+]?)(0[xX][0-9a-fA-F]+)/;
const LEADING = /^\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)/;

/** A value read from input. */
export const fromInput = (text: string): Value => (LOOKS.test(text) ? new Strnum(text, Number(text)) : text);

export function toNumber(v: Value): number {
  if (typeof v === 'number') return v;
  if (v === undefined) return 0;
  if (v instanceof Strnum) return v.num;
  const hex = HEX.exec(v);
  if (hex) return (hex[1] === '-' ? -1 : 1) * Number(hex[2]);
  return Number(LEADING.exec(v)?.[0] ?? 0);
}

/** A number as text: integers whole, others by `format` (CONVFMT or OFMT). */
export function numberText(n: number, format: string): string {
  // mawk prints whole numbers as such only as far as an int goes.
  if (Number.isInteger(n) && n >= -2147483647 && n <= 2147483647) return String(n === 0 ? 0 : n);
  if (!Number.isFinite(n)) return Number.isNaN(n) ? '-nan' : n < 0 ? '-inf' : 'inf';
  const m = /^%\.(\d+)([gef])$/.exec(format);
  return formatFloat(m?.[2] ?? 'g', '', Number(m?.[1] ?? 6), n);
}

export function toText(v: Value, format = '%.6g'): string {
  if (typeof v === 'string') return v;
  if (v === undefined) return '';
  return v instanceof Strnum ? v.text : numberText(v, format);
}

export const truth = (v: Value): boolean =>
  typeof v === 'string' ? v !== '' : v instanceof Strnum ? v.num !== 0 : v === undefined ? false : v !== 0;

/** Compares as numbers when both are (or look it), as text otherwise. */
export function compare(a: Value, b: Value): number {
  if (typeof a !== 'string' && typeof b !== 'string') return toNumber(a) - toNumber(b);
  const x = toText(a);
  const y = toText(b);
  return x < y ? -1 : x > y ? 1 : 0;
}
