/** Values of extension options: numbers, marks and ports, as libxtables parses and prints them. */
import { fail } from './ext.ts';
import { portByName, serviceName } from './services.ts';

/** strtoul with base 0 at the start of a text (decimal, 0x hex, 0 octal), and what follows it. Null when none stands there. */
export function scanUint(text: string): { value: number; rest: string } | null {
  const m = /^\s*\+?(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))/.exec(text);
  if (!m) return null;
  const value =
    m[1] !== undefined ? Number.parseInt(m[1], 16) : m[2] !== undefined ? Number.parseInt(m[2], 8) : Number(m[3]);
  // Beyond 64 bits strtoul fails: no bound lets it through.
  const over =
    value >= U64_MAX &&
    BigInt(
      m[0]
        .trim()
        .replace('+', '')
        .replace(/^0([0-7])/, '0o$1'),
    ) >=
      1n << 64n;
  return { value: over ? Number.POSITIVE_INFINITY : value, rest: text.slice(m[0].length) };
}

/** The same over the whole text. Null when it is no such number. */
export function parseUint(text: string, max = 0xffffffff): number | null {
  const read = scanUint(text);
  return read && read.rest === '' && read.value <= max ? read.value : null;
}

/** The greatest number of 64 bits, as near as a double comes. */
export const U64_MAX = 2 ** 64;

/** A number of up to 64 bits in digits. */
export const digits = (n: number): string =>
  n >= U64_MAX ? '18446744073709551615' : Number.isSafeInteger(n) ? String(n) : BigInt(n).toString();

/** A number option between min and max; the error names the extension and the option. */
export function uintOption(ext: string, option: string, text: string, min: number, max: number): number {
  const value = parseUint(text, max);
  if (value === null || value < min)
    fail(`${ext}: bad value for option "--${option}", or out of range (${min}-${digits(max)}).\n`);
  return value;
}

export interface Mark {
  value: number;
  mask: number;
}

/** `VALUE[/MASK]`, both 32 bits. */
export function markOption(ext: string, option: string, text: string): Mark {
  const number = (part: string) => {
    const read = scanUint(part);
    if (!read || read.value > 0xffffffff)
      fail(`${ext}: bad integer value for option "--${option}", or out of range.\n`);
    return read;
  };
  const { value, rest } = number(text);
  const mask = rest.startsWith('/') ? number(rest.slice(1)) : { value: 0xffffffff, rest };
  if (mask.rest !== '') fail(`${ext}: trailing garbage after value for option "--${option}".\n`);
  return { value, mask: mask.value };
}

export const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
export const hex2 = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;

/** `0x10` or `0x10/0xff`, as marks are printed. */
export const markText = (m: Mark): string => (m.mask === 0xffffffff ? hex(m.value) : `${hex(m.value)}/${hex(m.mask)}`);

/** A port number or a service name. */
export function parsePort(text: string, proto: number): number {
  const value = parseUint(text, 65535) ?? portByName(text, proto);
  if (value === null) fail(`invalid port/service \`${text}' specified`);
  return value;
}

/** A port as the newer extensions take it: any number (its low 16 bits count), or a service name of any protocol. */
export function resolvePort(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) % 65536;
  const value = portByName(text, 6) ?? portByName(text, 17) ?? portByName(text, 132);
  if (value === null) fail(`Port "${text}" does not resolve to anything.\n`);
  return value;
}

/** A port as -L shows it: by service name unless numeric. */
export const portText = (port: number, proto: number, numeric: boolean): string =>
  (numeric ? null : serviceName(port, proto)) ?? String(port);

/** Quotes a string as iptables-save does: bare when it is made of safe characters. */
export function saveString(text: string): string {
  const safe = /^[-_a-zA-Z0-9]+$/.test(text);
  if (safe) return ` ${text}`;
  if (!/["\\']/.test(text)) return ` "${text}"`;
  return ` "${text.replace(/["\\']/g, (c) => `\\${c}`)}"`;
}
