/** Counters under `ip -s link`: print_stats64 of ip/ipaddress.c. */
import type { Link } from '../../linux/types.ts';
import type { Json, Printer } from '../../text/iproute.ts';
import type { Ip } from './context.ts';

const MIN_WIDTHS = ['*X errors:', 'packets', 'errors', 'dropped', 'heartbt', 'overrun', 'compressed'].map(
  (s) => s.length,
);

/** print_num(): with -h a number of three figures and its suffix, with -iec in powers of 1024. */
export function humanNumber(ip: Ip, n: number): string {
  const base = ip.opts.iec ? 1024 : 1000;
  if (!ip.opts.human || n < base) return String(n);
  let power = base;
  let prefix = 0;
  while (Math.floor(n / base) >= power && prefix < 5) {
    power *= base;
    prefix++;
  }
  let precision = 2;
  for (let ten = 10; precision > 0 && Math.floor(n / power) >= ten; ten *= 10) precision--;
  return `${(n / power).toFixed(precision)}${'kMGTPE'[prefix]}${ip.opts.iec ? 'i' : ''}`;
}

/** Prints a link's counters; with -s twice the kinds of error too. No newline after the last line. */
export function printStats(ip: Ip, p: Printer, link: Link): void {
  const s = link.stats;
  const more = ip.opts.stats > 1;
  const rx = [s.rxBytes, s.rxPackets, s.rxErrors, s.rxDropped, 0, s.multicast];
  const tx = [s.txBytes, s.txPackets, s.txErrors, s.txDropped, s.txCarrier, s.collisions];
  const rxErrors = [0, 0, 0, 0, 0];
  const txErrors = [0, 0, 0, 0, link.carrierChanges ?? 0];
  if (p.json) {
    const object = (names: string[], values: number[]): Json =>
      Object.fromEntries(names.map((n, i) => [n, values[i] ?? 0]));
    p.js('stats64', {
      rx: {
        ...(object(['bytes', 'packets', 'errors', 'dropped', 'over_errors', 'multicast'], rx) as Record<string, Json>),
        ...(more
          ? (object(
              ['length_errors', 'crc_errors', 'frame_errors', 'fifo_errors', 'missed_errors'],
              rxErrors,
            ) as Record<string, Json>)
          : {}),
      },
      tx: {
        ...(object(['bytes', 'packets', 'errors', 'dropped', 'carrier_errors', 'collisions'], tx) as Record<
          string,
          Json
        >),
        ...(more
          ? (object(
              ['aborted_errors', 'fifo_errors', 'window_errors', 'heartbeat_errors', 'carrier_changes'],
              txErrors,
            ) as Record<string, Json>)
          : {}),
      },
    });
    return;
  }
  const widths = [...MIN_WIDTHS];
  const widen = (values: number[], from = 0) => {
    for (const [i, v] of values.entries()) widths[i + from] = Math.max(widths[i + from] as number, String(v).length);
  };
  widen(rx);
  widen(tx);
  if (more) {
    widen(rxErrors, 1);
    widen(txErrors, 1);
  }
  const w = (i: number) => widths[i] as number;
  const heads = (names: string[]) => names.map((n, i) => n.padStart(w(i + 1))).join(' ');
  const row = (values: number[], from: number) =>
    values.map((v, i) => `${humanNumber(ip, v).padStart(w(i + from))} `).join('');
  const block = (tag: string, names: string[], values: number[], errorNames: string[], errors: number[]) => {
    p.fp(`    ${tag}: ${'bytes'.padStart(w(0) - 4)} ${heads(names)} ${''.padStart(w(6))}${p.nl}    ${row(values, 0)}`);
    if (more)
      p.fp(
        `${p.nl}    ${tag} errors:${''.padStart(w(0) - 10)} ${heads(errorNames)}${p.nl}${''.padStart(w(0) + 5)}${row(errors, 1)}`,
      );
  };
  block(
    'RX',
    ['packets', 'errors', 'dropped', 'missed', 'mcast'],
    rx,
    ['length', 'crc', 'frame', 'fifo', 'overrun'],
    rxErrors,
  );
  p.fp(p.nl);
  block(
    'TX',
    ['packets', 'errors', 'dropped', 'carrier', 'collsns'],
    tx,
    ['aborted', 'fifo', 'window', 'heartbt', 'transns'],
    txErrors,
  );
}
