/** The table that people read. */
import type { Figure, Row } from './stats.ts';

const number = (value: number): string =>
  value >= 1000 ? Math.round(value).toLocaleString('en') : value >= 100 ? value.toFixed(0) : value.toPrecision(3);

const HEAD = ['name', 'unit', 'median', 'min', 'p95', 'CPU', 'goal', '', 'kernel', 'ratio', 'what'];

const median = (f: Figure | null | undefined): string => (f ? number(f.median) : '-');

function cells(r: Row): string[] {
  return [
    r.name,
    r.unit,
    number(r.ours.median),
    number(r.ours.min),
    number(r.ours.p95),
    median(r.cpu),
    r.goal === null ? '-' : number(r.goal),
    r.met === null ? '' : r.met ? 'met' : 'MISSED',
    median(r.kernel),
    r.ratio === null ? '-' : `${number(r.ratio)}×`,
    `${r.what} (${r.ours.rounds} ${r.ours.rounds === 1 ? 'round' : 'rounds'})`,
  ];
}

/** Rows under their headings, and what was not measured. */
export function renderRows(rows: readonly Row[], kernelMissing: string | null): string {
  const table = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, i) => Math.max(...table.map((row) => (row[i] as string).length)));
  const last = HEAD.length - 1;
  const text = table
    .map((row) =>
      row
        .map((cell, i) =>
          i === 0 ? cell.padEnd(widths[i] as number) : i === last ? cell : cell.padStart(widths[i] as number),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
  const note = kernelMissing === null ? '' : `\nThe kernel was not measured: ${kernelMissing}.\n`;
  return `${text}\n${note}`;
}
