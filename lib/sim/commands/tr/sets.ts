import { inClass } from '../../text/glob.ts';

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\\': '\\' };
const MAX_REPEAT = 10_000;

/** The characters of a tr set in order; a text is its error message. */
export function expandSet(text: string): string[] | string {
  const out: string[] = [];
  const chars: { c: string; escaped: boolean }[] = [];
  for (let i = 0; i < text.length; i++) {
    const octal = /^\\([0-7]{1,3})/.exec(text.slice(i, i + 4));
    if (octal) {
      chars.push({ c: String.fromCharCode(Number.parseInt(octal[1] as string, 8) & 255), escaped: true });
      i += octal[0].length - 1;
    } else if (text[i] === '\\' && i + 1 < text.length) {
      i++;
      chars.push({ c: ESCAPES[text[i] as string] ?? (text[i] as string), escaped: true });
    } else chars.push({ c: text[i] as string, escaped: false });
  }
  for (let i = 0; i < chars.length; i++) {
    const { c, escaped } = chars[i] as { c: string; escaped: boolean };
    const rest = chars
      .slice(i, i + 20)
      .map((x) => (x.escaped ? '\0' : x.c))
      .join('');
    const named = /^\[:(\w+):\]/.exec(rest);
    const repeat = /^\[(.)\*(\d*)\]/s.exec(rest);
    if (!escaped && named) {
      const members: string[] = [];
      for (let code = 0; code < 128; code++)
        if (inClass(named[1] as string, String.fromCharCode(code))) members.push(String.fromCharCode(code));
      if (members.length === 0) return `invalid character class ‘${named[1]}’`;
      out.push(...members);
      i += named[0].length - 1;
    } else if (!escaped && repeat) {
      const n = repeat[2] === '' ? 256 : Number(repeat[2]);
      for (let k = 0; k < Math.min(n, MAX_REPEAT); k++) out.push(chars[i + 1]?.c as string);
      i += repeat[0].length - 1;
    } else if (chars[i + 1]?.c === '-' && !chars[i + 1]?.escaped && chars[i + 2]) {
      const to = chars[i + 2]?.c as string;
      if (to < c) return `range-endpoints of '${c}-${to}' are in reverse collating sequence order`;
      for (let code = c.charCodeAt(0); code <= to.charCodeAt(0); code++) out.push(String.fromCharCode(code));
      i += 2;
    } else out.push(c);
  }
  return out;
}
