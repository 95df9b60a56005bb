/** JSON decoding with the messages of Go's encoding/json, which plugins pass on. Bounded by the text's length and depth. */
import { CniError } from './contract.ts';

const MAX_LENGTH = 1_000_000;

function quoted(c: string): string {
  return c === "'" ? `'\\''` : `'${c}'`;
}

/** Why Go's decoder refuses a text; the first byte decides in the common cases. */
function complaint(text: string): string {
  const trimmed = text.trimStart();
  if (trimmed === '') return 'unexpected end of JSON input';
  for (const word of ['null', 'true', 'false']) {
    if (trimmed[0] !== word[0]) continue;
    for (let i = 1; i < word.length; i++) {
      const c = trimmed[i];
      if (c === undefined) return 'unexpected end of JSON input';
      if (c !== word[i])
        return `invalid character ${quoted(c)} in literal ${word} (expecting ${quoted(word[i] as string)})`;
    }
  }
  if (!/^[{["\-\d tfn]/.test(trimmed))
    return `invalid character ${quoted(trimmed[0] as string)} looking for beginning of value`;
  return 'unexpected end of JSON input';
}

/** An object, or a CniError of code 6 that begins with `what`. */
export function decodeObject(text: string, what: string): Record<string, unknown> {
  if (text.length > MAX_LENGTH) throw new CniError(6, `${what}: input too large`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CniError(6, `${what}: ${complaint(text)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CniError(
      6,
      `${what}: json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type types.NetConf`,
    );
  }
  return value as Record<string, unknown>;
}

/** As plugins print it: four blanks, no newline at the end. */
export const encode = (value: unknown): string => JSON.stringify(value, null, 4);
