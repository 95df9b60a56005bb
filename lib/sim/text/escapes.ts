/** Backslash escapes of echo -e, printf and `$'…'`-like texts. */
import { utf8Decode } from './utf8.ts';

const SIMPLE: Record<string, string> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/**
 * Expands escapes. `octalZero`: octal needs a leading 0, as in echo -e and %b. Answers the text and whether `\c` ended
 * it. Bytes above 127 that follow each other become the characters they encode.
 */
export function expandEscapes(text: string, octalZero: boolean): { text: string; stop: boolean } {
  let out = '';
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length > 0) out += utf8Decode(bytes);
    bytes = [];
  };
  const byte = (n: number) => {
    if (n > 127) bytes.push(n);
    else {
      flush();
      out += String.fromCharCode(n);
    }
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c !== '\\' || i + 1 >= text.length) {
      flush();
      out += c;
      continue;
    }
    const rest = text.slice(i + 1, i + 12);
    const octal = (octalZero ? /^0([0-7]{0,3})/ : /^([0-7]{1,3})/).exec(rest);
    const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
    const unicode = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest);
    if (octal) {
      byte(Number.parseInt(octal[1] || '0', 8) & 255);
      i += octal[0].length;
    } else if (hex) {
      byte(Number.parseInt(hex[1] as string, 16));
      i += hex[0].length;
    } else if (unicode) {
      flush();
      const code = Number.parseInt(unicode[1] ?? (unicode[2] as string), 16);
      out += code < 0x110000 ? String.fromCodePoint(code) : '\ufffd';
      i += unicode[0].length;
    } else if (rest[0] === 'c') {
      flush();
      return { text: out, stop: true };
    } else {
      flush();
      out += SIMPLE[rest[0] as string] ?? `\\${rest[0]}`;
      i++;
    }
  }
  flush();
  return { text: out, stop: false };
}

/** What echo prints for its arguments. `escapes`: on without -e, as in dash. */
export function echoText(args: readonly string[], escapes: boolean): string {
  let newline = true;
  let expand = escapes;
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i] as string;
    if (!(escapes ? /^-n$/ : /^-[neE]+$/).test(arg)) break;
    for (const letter of arg.slice(1)) {
      if (letter === 'n') newline = false;
      else expand = letter === 'e';
    }
  }
  const text = args.slice(i).join(' ');
  if (!expand) return text + (newline ? '\n' : '');
  const done = expandEscapes(text, true);
  return done.text + (newline && !done.stop ? '\n' : '');
}
