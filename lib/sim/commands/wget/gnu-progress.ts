/** GNU wget's progress and its numbers (progress.c, retr.c). */

const two = (n: number): string => String(n).padStart(2, '0');

/** `2026-11-24 11:01:07`. `unix` in seconds. */
export function dateTime(unix: number): string {
  const date = new Date(Math.floor(unix) * 1000);
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

function scaled(rate: number): { value: number; unit: number } {
  let value = rate;
  let unit = 0;
  while (value >= 1024 && unit < 3) {
    value /= 1024;
    unit++;
  }
  return { value, unit };
}

const digits = (value: number): number => (value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);

/** `168 KB/s` */
export function rateText(rate: number): string {
  const { value, unit } = scaled(rate);
  return `${value.toFixed(digits(value))} ${['B/s', 'KB/s', 'MB/s', 'GB/s'][unit]}`;
}

function decimal(n: number): string {
  if (n >= 9.95) return n.toFixed(0);
  if (n >= 0.95) return n.toFixed(1);
  if (n >= 0.001) return String(Number(n.toPrecision(1)));
  return n >= 0.0005 ? n.toFixed(3) : '0';
}

const ROW = 50;
const DOT = 1024;

/** Rows of dots, one for each kilobyte, with percentage, rate and time; an empty line after them. */
export function dotRows(size: number, seconds: number): string {
  const { value, unit } = scaled(size / seconds);
  const rate = ` ${value.toFixed(digits(value)).padStart(4)}${' KMG'[unit]}`;
  const rows = Math.max(1, Math.ceil(size / (ROW * DOT)));
  let out = '';
  for (let row = 0; row < rows; row++) {
    const dots = Math.min(ROW, Math.floor((size - row * ROW * DOT) / DOT));
    out += `${String(row * ROW).padStart(6)}K`;
    for (let i = 0; i < ROW; i++) out += (i % 10 === 0 ? ' ' : '') + (i < dots ? '.' : ' ');
    const last = row === rows - 1;
    const done = last ? 100 : Math.floor(((row + 1) * ROW * DOT * 100) / size);
    out += `${String(done).padStart(3)}%${rate}${last ? `=${decimal(seconds)}s` : ' 0s'}\n`;
  }
  return `${out}\n`;
}

const FIXED_COLUMNS = 60;

/** The bar of a terminal, finished. */
export function barRow(name: string, size: number, seconds: number, columns: number): string {
  const inner = Math.max(5, columns - FIXED_COLUMNS);
  const bar = `${'='.repeat(inner - 1)}>`;
  return `\r${name.slice(0, 20).padEnd(20)}100%[${bar}] ${String(size).padStart(7)}  --.-KB/s    in ${`${decimal(seconds)}s`.padEnd(8)}\n\n`;
}
