/** Hexadecimal and ASCII dumps: -x, -X, -A (print-ascii.c). */

import type { Dissector } from './dissector.ts';

const hexByte = (ch: string): string => ch.charCodeAt(0).toString(16).padStart(2, '0');
const graphic = (ch: string): boolean => ch > ' ' && ch <= '~';

/** Lines of 16 bytes, with their characters when `ascii`. Starts with a newline. */
export function hexDump(bytes: string, ascii: boolean, indent = '\n\t'): string {
  let out = '';
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.slice(at, at + 16)];
    let hex = '';
    for (let i = 0; i < row.length; i += 2)
      hex += ` ${hexByte(row[i] as string)}${row[i + 1] === undefined ? '' : hexByte(row[i + 1] as string)}`;
    const text = row.map((ch) => (graphic(ch) ? ch : '.')).join('');
    out += `${indent}0x${at.toString(16).padStart(4, '0')}: ${ascii ? `${hex.padEnd(40)}  ${text}` : hex}`;
  }
  return out;
}

/** The bytes as text: newlines stay, carriage returns before them go. Starts with a newline. */
export function asciiDump(bytes: string): string {
  let out = '\n';
  for (let i = 0; i < bytes.length; i++) {
    const ch = bytes[i] as string;
    if (ch === '\r') {
      if (i + 1 === bytes.length) break;
      if (bytes[i + 1] !== '\n') out += '.';
    } else out += graphic(ch) || ch === '\t' || ch === ' ' || ch === '\n' ? ch : '.';
  }
  return out;
}

/** The bytes of what no printer knows, unless a dump follows anyway. */
export function defaultDump(d: Dissector, at: number, length: number): undefined {
  if (!d.options.noDefaultDump) d.print(hexDump(d.available(at, length), true));
}
