import { packetBytes } from '../../../packet/bytes.ts';
import { defineMatch, fail } from '../ext.ts';
import { uintOption } from '../values.ts';

interface StringArgs {
  /** One char a byte. */
  pattern: string;
  not: boolean;
  algo: string;
  from: number;
  to: number;
  icase: boolean;
}

/** XT_STRING_MAX_PATTERN_SIZE. */
const MAX_PATTERN = 128;
/** ts_algos of the kernel. */
const ALGORITHMS = ['bm', 'kmp', 'fsm'];

const isHexDigit = (c: string | undefined): boolean => c !== undefined && /^[0-9a-fA-F]$/.test(c);

/** `abc|0d 0a|def`: text with stretches of hex digits between bars. */
function parseHexString(text: string): string {
  if (text === '') fail('STRING must contain at least one char');
  let out = '';
  let hex = false;
  for (let i = 0; i < text.length; ) {
    if (out.length >= MAX_PATTERN) fail(`STRING too long "${text}"`);
    let literal = false;
    if (text[i] === '\\') {
      if (hex) fail('Cannot include literals in hex data');
      literal = true;
    } else if (text[i] === '|') {
      hex = !hex;
      if (hex) while (text[i + 1] === ' ') i++;
      if (i + 1 >= text.length) break;
      i++;
    }
    if (literal) {
      if (i + 1 >= text.length) fail('Bad literal placement at end of string');
      out += text[i + 1];
      i += 2;
    } else if (hex) {
      if (i + 1 >= text.length) fail('Odd number of hex digits');
      if (i + 2 >= text.length) fail('Invalid hex block');
      for (const c of [text[i], text[i + 1]]) if (!isHexDigit(c)) fail(`Invalid hex char '${c}'`);
      out += String.fromCharCode(Number.parseInt(text.slice(i, i + 2), 16));
      i += text[i + 2] === ' ' ? 3 : 2;
    } else out += text[i++];
  }
  return out;
}

const needsHex = (pattern: string): boolean => /[^\x20-\x7e]/.test(pattern) || pattern.endsWith('\\');

const shown = (pattern: string): string =>
  needsHex(pattern)
    ? `"|${[...pattern].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('')}|"`
    : `"${pattern.replace(/["\\]/g, (c) => `\\${c}`)}"`;

/** A byte string anywhere between two offsets of the packet: xt_string.c. */
export const string = defineMatch<StringArgs>({
  name: 'string',
  options: [
    { name: 'from', arg: true },
    { name: 'to', arg: true },
    { name: 'algo', arg: true, must: true },
    { name: 'string', arg: true, invert: true, excl: ['hex-string'] },
    { name: 'hex-string', arg: true, invert: true, excl: ['string'] },
    { name: 'icase' },
  ],
  init: () => ({ pattern: '', not: false, algo: '', from: 0, to: 65535, icase: false }),
  option(args, id, value, not) {
    if (id === 'from' || id === 'to') args[id] = uintOption('string', id, value, 0, 65535);
    else if (id === 'algo') args.algo = value.slice(0, 15);
    else if (id === 'icase') args.icase = true;
    else {
      if (id === 'string' && value.length > MAX_PATTERN) fail(`STRING too long "${value}"`);
      args.pattern = id === 'string' ? value : parseHexString(value);
      args.not = not;
    }
  },
  done(_args, seen) {
    if (!seen.has('string') && !seen.has('hex-string'))
      fail("STRING match: You must specify `--string' or `--hex-string'");
  },
  accept(args) {
    if (args.from > args.to) return 'EINVAL';
    return ALGORITHMS.includes(args.algo) ? null : 'ENOENT';
  },
  save(args) {
    let text = `${args.not ? ' !' : ''} --${needsHex(args.pattern) ? 'hex-' : ''}string ${shown(args.pattern)} --algo ${args.algo}`;
    if (args.from !== 0) text += ` --from ${args.from}`;
    if (args.to !== 65535) text += ` --to ${args.to}`;
    return args.icase ? `${text} --icase` : text;
  },
  list(args) {
    let text = `STRING match ${args.not ? '!' : ''} ${shown(args.pattern)} ALGO name ${args.algo}`;
    if (args.from !== 0) text += ` FROM ${args.from}`;
    if (args.to !== 65535) text += ` TO ${args.to}`;
    return args.icase ? `${text} ICASE` : text;
  },
  apply(args, { packet }) {
    let bytes = packetBytes(packet, false);
    let wanted = args.pattern;
    if (args.icase) {
      bytes = bytes.toLowerCase();
      wanted = wanted.toLowerCase();
    }
    // The match has to begin between the offsets.
    const at = bytes.indexOf(wanted, args.from);
    return (at >= 0 && at <= args.to) !== args.not;
  },
});
