import { decodeBase64, encodeBase64 } from '../../text/base64.ts';
import { utf8Decode, utf8Encode } from '../../text/utf8.ts';
import { JqError, JqNotModelled, type Json } from './ast.ts';
import { typeOf } from './value.ts';

const text = (v: Json): string => (typeof v === 'string' ? v : printNumberless(v));
const printNumberless = (v: Json): string => JSON.stringify(v);

function row(name: string, v: Json): Json[] {
  if (Array.isArray(v)) return v;
  throw new JqError(`${typeOf(v)} (${JSON.stringify(v)}) cannot be ${name}-formatted, only an array can be`);
}

/** The text of a cell that is no string; a string stays for the caller to quote. */
function cell(name: string, v: Json): string {
  if (typeof v === 'object' && v !== null)
    throw new JqError(`${typeOf(v)} (${JSON.stringify(v)}) is not valid in a ${name} row`);
  return v === null ? '' : String(v);
}

const csvCell = (v: Json): string => (typeof v === 'string' ? `"${v.replace(/"/g, '""')}"` : cell('csv', v));

const tsvCell = (v: Json): string =>
  typeof v === 'string'
    ? v.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n').replace(/\r/g, '\\r')
    : cell('tsv', v);

/** `@name` on a value. Throws {@link JqError}. */
export function applyFormat(name: string, v: Json): string {
  switch (name) {
    case '@text':
      return text(v);
    case '@json':
      return JSON.stringify(v);
    case '@csv':
      return row('csv', v).map(csvCell).join(',');
    case '@tsv':
      return row('tsv', v).map(tsvCell).join('\t');
    case '@sh':
      return (Array.isArray(v) ? v : [v])
        .map((x) => (typeof x === 'string' ? `'${x.replace(/'/g, "'\\''")}'` : text(x)))
        .join(' ');
    case '@html':
      return text(v).replace(
        /[<>&'"]/g,
        (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&quot;' })[c] as string,
      );
    case '@uri':
      return utf8Encode(text(v))
        .map((b) =>
          /[A-Za-z0-9\-_.~]/.test(String.fromCharCode(b))
            ? String.fromCharCode(b)
            : `%${b.toString(16).toUpperCase().padStart(2, '0')}`,
        )
        .join('');
    case '@base64':
      return encodeBase64(utf8Encode(text(v)));
    case '@base64d':
      return utf8Decode(decodeBase64(text(v)) ?? []);
    default:
      throw new JqNotModelled(name);
  }
}
