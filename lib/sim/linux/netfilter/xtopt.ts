/** Option values by kind, with libxtables' own words for wrong ones: what xtoptions.c does for an extension's option table. */
import { bitsOf, type Ip, maskOf, parseIp } from '../../addr/ip.ts';
import { fail, type ParseContext } from './ext.ts';
import { maskLength } from './head.ts';
import { hostAddress } from './hosts.ts';
import { digits, scanUint } from './values.ts';

/** XTTYPE_UINT*RC: numbers between colons. An empty first one is 0, an empty second one the greatest. */
export function numbersOption(ext: string, option: string, text: string, max: number, most = 2): number[] {
  const values: number[] = [];
  let rest = text;
  for (;;) {
    if (values.length === most) fail(`${ext}: Too many components for option "--${option}" (max: ${most})\n`);
    if (rest === '' || rest[0] === ':') {
      values.push(values.length === 1 ? max : 0);
      if (rest === '') return values;
      rest = rest.slice(1);
      continue;
    }
    const read = scanUint(rest);
    if (!read || read.value > max)
      fail(`${ext}: bad value for option "--${option}" near "${rest}", or out of range (0-${digits(max)}).\n`);
    values.push(read.value);
    if (read.rest === '') return values;
    if (read.rest[0] !== ':')
      fail(`${ext}: Argument to "--${option}" has unexpected characters near "${read.rest}".\n`);
    rest = read.rest.slice(1);
  }
}

/** The same as a span: one number stands for both ends. */
export function spanOption(ext: string, option: string, text: string, max: number): { min: number; max: number } {
  const [min = 0, high = min] = numbersOption(ext, option, text, max);
  return { min, max: high };
}

/** `min` or `min:max`. */
export const spanText = (s: { min: number; max: number }): string =>
  s.min === s.max ? `${s.min}` : `${s.min}:${s.max}`;

/** XTTYPE_HOST: an address, or a name that /etc/hosts knows. */
export function hostOption(text: string, ctx: ParseContext): Ip {
  const family = ctx.family === 'ip' ? 4 : 6;
  const ip = parseIp(text);
  if (ip !== null && (typeof ip === 'bigint') === (family === 6)) return ip;
  if (ip !== null) fail('getaddrinfo: Address family for hostname not supported\n');
  const named = text === '' ? null : hostAddress(ctx.host, text, family);
  if (named === null)
    fail(
      `getaddrinfo: ${!/^[-._A-Za-z0-9]+$/.test(text) ? 'Name or service not known' : 'Temporary failure in name resolution'}\n`,
    );
  return named;
}

/** XTTYPE_PLEN: a prefix length, or a mask in full. IPv4 takes any number, and a mask that is no prefix, for all bits. */
export function prefixLengthOption(ext: string, option: string, text: string, ctx: ParseContext): number {
  const bits = ctx.family === 'ip' ? 32 : 128;
  const read = scanUint(text);
  if (read && read.rest === '' && read.value <= bits) return read.value;
  const mask = parseIp(text);
  const full = bits === 32 && (typeof mask === 'number' || read?.rest === '') ? bits : null;
  const len = (mask !== null && bitsOf(mask) === bits ? maskLength(mask) : null) ?? full;
  if (len === null)
    fail(`${ext}: bad value for option "--${option}", neither a valid network mask nor valid CIDR (0-${bits}).\n`);
  return len;
}

/** XTTYPE_HOSTMASK: `ADDR[/LEN]`; the address keeps the bits below its mask. */
export function hostmaskOption(ext: string, option: string, text: string, ctx: ParseContext): { ip: Ip; len: number } {
  const slash = text.indexOf('/');
  const ip = hostOption(slash < 0 ? text : text.slice(0, slash), ctx);
  const len = slash < 0 ? bitsOf(ip) : prefixLengthOption(ext, option, text.slice(slash + 1), ctx);
  return { ip, len };
}

/** A prefix length's mask in the family of the command. */
export const familyMask = (ctx: { family: 'ip' | 'ip6' }, len: number): Ip => maskOf(ctx.family === 'ip' ? 4 : 6, len);

/** XTTYPE_STRING: its length between bounds, cut to what the kernel's field holds. */
export function stringOption(text: string, size: number, bounds: { min?: number; max?: number } = {}): string {
  if (bounds.min && text.length < bounds.min) fail(`Argument must have a minimum length of ${bounds.min} characters\n`);
  if (bounds.max && text.length > bounds.max) fail(`Argument must have a maximum length of ${bounds.max} characters\n`);
  return text.slice(0, size - 1);
}
