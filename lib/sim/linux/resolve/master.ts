/** Records in master-file columns, as BIND's tools print them (lib/dns/masterdump.c). */
import type { DnsRecord } from '../../packet/packet.ts';

const TTL_COLUMN = 24;
const CLASS_COLUMN = 32;
const TYPE_COLUMN = 40;
const DATA_COLUMN = 48;
const TAB = 8;

/** Tabs and blanks from column `from` to `to`, at least one column. */
function indent(from: number, to: number): { text: string; column: number } {
  const target = Math.max(to, from + 1);
  const tabs = Math.floor(target / TAB) - Math.floor(from / TAB);
  const reached = tabs > 0 ? Math.floor(target / TAB) * TAB : from;
  return { text: '\t'.repeat(tabs) + ' '.repeat(target - reached), column: target };
}

function columns(cells: readonly [text: string, at: number][]): string {
  let out = '';
  let column = 0;
  cells.forEach(([text, at], i) => {
    if (i > 0) {
      const gap = indent(column, at);
      out += gap.text;
      column = gap.column;
    }
    out += text;
    column += text.length;
  });
  return out;
}

/** `web.example.\t\t30\tIN\tA\t10.0.0.1` */
export const recordLine = (r: DnsRecord, withTtl = true): string =>
  columns([
    [r.name, 0],
    ...(withTtl ? ([[String(r.ttl), TTL_COLUMN]] as [string, number][]) : []),
    ['IN', CLASS_COLUMN],
    [r.type, TYPE_COLUMN],
    [r.data, DATA_COLUMN],
  ]);

/** `;web.example.\t\t\tIN\tA` */
export const questionLine = (name: string, type: string): string =>
  columns([
    [`;${name}`, 0],
    ['IN', CLASS_COLUMN],
    [type, TYPE_COLUMN],
  ]);
