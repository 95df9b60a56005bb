/** The request curl sends: header order and defaults of lib/http.c (7.88). */

import { base64, hostText, type Url } from '../../text/http.ts';
import { utf8Encode } from '../../text/utf8.ts';
import type { Options } from './options.ts';

/** A JS string as a byte string. */
export const toBytes = (text: string): string =>
  utf8Encode(text)
    .map((b) => String.fromCharCode(b))
    .join('');

export interface Request {
  method: string;
  head: string;
  body: string;
}

/** Builds the request for a URL; `body` is null when none was given. */
export function buildRequest(o: Options, url: Url, body: string | null, method: string): Request {
  const custom = o.headers.map(splitHeader).filter((h) => h.name !== '');
  const overridden = (name: string) => custom.some((h) => h.name.toLowerCase() === name.toLowerCase());
  const lines: string[] = [];
  const add = (name: string, value: string) => {
    if (value !== '' && !overridden(name)) lines.push(`${name}: ${value}`);
  };
  const host = custom.find((h) => h.name.toLowerCase() === 'host');
  if (!host) lines.push(`Host: ${hostText(url)}`);
  else if (host.value !== null) lines.push(`Host: ${host.value}`);
  const user = o.user || url.user || '';
  if (user) add('Authorization', `Basic ${base64(toBytes(user.includes(':') ? user : `${user}:`))}`);
  add('User-Agent', o.agent);
  add('Accept', '*/*');
  add('Referer', o.referer);
  add('Cookie', o.cookie);
  for (const h of custom)
    if (h.name.toLowerCase() !== 'host' && h.value !== null) lines.push(`${h.name}: ${h.value}`.trimEnd());
  if (body !== null) {
    add('Content-Length', String(body.length));
    add('Content-Type', 'application/x-www-form-urlencoded');
  }
  const start = `${method} ${url.target} HTTP/${o.http10 ? '1.0' : '1.1'}`;
  return { method, head: `${[start, ...lines].map(toBytes).join('\r\n')}\r\n\r\n`, body: body ?? '' };
}

/** `Name: value`; `Name:` takes the header out (value null); `Name;` sends it empty. */
function splitHeader(text: string): { name: string; value: string | null } {
  const m = /^([^:;]*)([:;])\s*(.*)$/s.exec(text);
  if (!m) return { name: '', value: null };
  if (m[2] === ';') return { name: m[1] as string, value: m[3] === '' ? '' : null };
  return { name: m[1] as string, value: m[3] === '' ? null : (m[3] as string) };
}
