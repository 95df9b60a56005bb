/** printf(1): shared by the builtin and the program. */
import { expandEscapes } from './escapes.ts';

export interface PrintfResult {
  text: string;
  /** Messages without prefix. */
  errors: string[];
}

const MAX_OUTPUT = 1_000_000;
const MAX_WIDTH = 10_000;
const SPEC = /^%([-+ #0']*)(\*|\d+)?(?:\.(\*|-?\d+)?)?(?:[hlLjzt]*)([a-zA-Z%])/;

/** Formats `args`; the format is used again while arguments are left. `quote` is %q's quoting, `now` the Unix time for %(…)T. */
export function formatPrintf(format: string, args: readonly string[], quote: (text: string) => string): PrintfResult {
  const result: PrintfResult = { text: '', errors: [] };
  let next = 0;
  do {
    const before = next;
    const take = () => args[next++];
    if (!once(format, take, quote, result)) break;
    if (next === before) break;
  } while (next < args.length && result.text.length < MAX_OUTPUT);
  return result;
}

function once(
  format: string,
  take: () => string | undefined,
  quote: (t: string) => string,
  result: PrintfResult,
): boolean {
  let i = 0;
  while (i < format.length) {
    const at = format.indexOf('%', i);
    const literal = format.slice(i, at < 0 ? undefined : at);
    if (literal !== '') {
      const done = expandEscapes(literal, false);
      result.text += done.text;
      if (done.stop) return false;
    }
    if (at < 0) break;
    const spec = SPEC.exec(format.slice(at, at + 40));
    if (!spec) {
      const shown = format.slice(at);
      result.errors.push(
        shown.length === 1 ? "`%': missing format character" : `\`${shown[1]}': invalid format character`,
      );
      return false;
    }
    i = at + spec[0].length;
    if (!convert(spec, take, quote, result)) return false;
  }
  return true;
}

function convert(
  spec: RegExpExecArray,
  take: () => string | undefined,
  quote: (t: string) => string,
  result: PrintfResult,
): boolean {
  const [, flagText = '', widthText, precisionText, letter = ''] = spec;
  const dotted = spec[0].includes('.');
  if (letter === '%') {
    result.text += '%';
    return true;
  }
  const count = (text: string | undefined): number => {
    const n = text === '*' ? Number(take() ?? 0) : Number(text ?? 0);
    return Math.max(-MAX_WIDTH, Math.min(MAX_WIDTH, Number.isFinite(n) ? n : 0));
  };
  let width = count(widthText);
  let flags = flagText;
  if (width < 0) {
    flags += '-';
    width = -width;
  }
  const precision = dotted ? count(precisionText) : null;
  const pad = (text: string, zero = false): string => {
    const room = width - [...text].length;
    if (room <= 0) return text;
    if (flags.includes('-')) return text + ' '.repeat(room);
    if (!zero || !flags.includes('0')) return ' '.repeat(room) + text;
    const sign = /^[-+ ]?(?:0[xX])?/.exec(text)?.[0] ?? '';
    return sign + '0'.repeat(room) + text.slice(sign.length);
  };
  const cut = (text: string) => (precision !== null && precision >= 0 ? [...text].slice(0, precision).join('') : text);
  switch (letter) {
    case 's':
      result.text += pad(cut(take() ?? ''));
      return true;
    case 'b': {
      const done = expandEscapes(take() ?? '', true);
      result.text += pad(cut(done.text));
      return !done.stop;
    }
    case 'q':
      result.text += pad(quote(take() ?? ''));
      return true;
    case 'c':
      result.text += pad((take() ?? '').slice(0, 1));
      return true;
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
      result.text += pad(integer(letter, flags, precision, integerOf(take(), result)), precision === null);
      return true;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      result.text += pad(formatFloat(letter, flags, precision ?? 6, floatOf(take(), result)), true);
      return true;
    default:
      result.errors.push(`\`${letter}': invalid format character`);
      return false;
  }
}

function integerOf(text: string | undefined, result: PrintfResult): bigint {
  if (text === undefined || text === '') return 0n;
  if (/^['"]/.test(text)) return BigInt(text.codePointAt(1) ?? 0);
  const m = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(text);
  if (!m || m[0].length !== text.length) result.errors.push(`${text}: invalid number`);
  if (!m) return 0n;
  const digits = m[2] as string;
  const value = /^0[0-7]/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  return m[1] === '-' ? -value : value;
}

function floatOf(text: string | undefined, result: PrintfResult): number {
  if (text === undefined || text === '') return 0;
  if (/^['"]/.test(text)) return text.codePointAt(1) ?? 0;
  const m = /^\s*[-+]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf(?:inity)?|nan)/i.exec(
    text,
  );
  if (!m || m[0].length !== text.length) result.errors.push(`${text}: invalid number`);
  if (!m) return 0;
  const number = m[0].trim().toLowerCase();
  if (number.includes('inf')) return number.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(number);
}

/** An integer conversion without padding. */
export function integer(letter: string, flags: string, precision: number | null, value: bigint): string {
  const signed = letter === 'd' || letter === 'i';
  const n = signed ? value : BigInt.asUintN(64, value);
  const base = letter === 'o' ? 8 : letter === 'x' || letter === 'X' ? 16 : 10;
  let digits = (n < 0n ? -n : n).toString(base);
  if (letter === 'X') digits = digits.toUpperCase();
  if (precision !== null) digits = precision === 0 && n === 0n ? '' : digits.padStart(precision, '0');
  if (flags.includes('#') && n !== 0n) digits = (base === 16 ? `0${letter}` : base === 8 ? '0' : '') + digits;
  const sign = n < 0n ? '-' : !signed ? '' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return sign + digits;
}

/** A floating conversion without padding: %e, %f, %g. */
export function formatFloat(letter: string, flags: string, precision: number, value: number): string {
  const p = Math.max(0, Math.min(100, precision));
  const lower = letter.toLowerCase();
  const magnitude = Math.abs(value);
  let text: string;
  if (!Number.isFinite(value)) text = Number.isNaN(value) ? 'nan' : 'inf';
  else if (lower === 'f') text = fixed(magnitude, p);
  else if (lower === 'e') text = exponent(magnitude, p);
  else text = general(magnitude, p === 0 ? 1 : p, flags.includes('#'));
  const negative = value < 0 || Object.is(value, -0);
  const sign = negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const signed = sign + text;
  return letter === lower ? signed : signed.toUpperCase();
}

const fixed = (n: number, p: number): string =>
  n < 1e21 ? n.toFixed(p) : BigInt(n).toString() + (p > 0 ? `.${'0'.repeat(p)}` : '');

const exponent = (n: number, p: number): string => n.toExponential(p).replace(/e([-+])(\d)$/, 'e$10$2');

function general(n: number, p: number, keep: boolean): string {
  if (n === 0) return '0';
  const e = Number(n.toExponential(p - 1).split('e')[1]);
  const text = e < -4 || e >= p ? exponent(n, p - 1) : fixed(n, Math.max(0, p - 1 - e));
  if (keep || !text.includes('.')) return text;
  return text.replace(/\.?0*(e|$)/, '$1');
}
