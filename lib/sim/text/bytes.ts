/** Byte strings (one character a byte), as packets carry them, and text. */
import { utf8Decode, utf8Encode } from './utf8.ts';

const PLAIN = /^[\0-\x7f]*$/;

/** The UTF-8 bytes of a text. */
export const toBytes = (text: string): string =>
  PLAIN.test(text)
    ? text
    : utf8Encode(text)
        .map((b) => String.fromCharCode(b))
        .join('');

/** The text that bytes encode; what is not UTF-8 becomes U+FFFD. */
export const fromBytes = (bytes: string): string =>
  PLAIN.test(bytes) ? bytes : utf8Decode([...bytes].map((c) => c.charCodeAt(0) & 255));
