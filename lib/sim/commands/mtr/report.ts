/** What mtr writes at the end: report.c of mtr 0.95. */
import type { Ip } from '../../addr/ip.ts';
import { strftime } from '../../text/strftime.ts';
import type { MtrOptions } from './options.ts';

/** One hop's probes. Times in microseconds. */
export interface Hop {
  ttl: number;
  ip: Ip | null;
  /** As -n and -b have it; `???` while nothing answered. */
  name: string;
  address: string;
  sent: number;
  times: number[];
  /** An ICMP error other than "time exceeded" came. */
  unreachable: boolean;
}

interface Field {
  title: string;
  /** Column width. */
  width: number;
  digits: number | null;
  value: (h: Hop) => number;
}

const mean = (list: number[]): number => (list.length ? list.reduce((a, b) => a + b, 0) / list.length : 0);

function deviation(list: number[]): number {
  if (list.length < 2) return 0;
  const avg = mean(list);
  return Math.sqrt(list.reduce((sum, t) => sum + (t - avg) ** 2, 0) / (list.length - 1));
}

const jitters = (list: number[]): number[] => list.map((t, i) => (i === 0 ? 0 : Math.abs(t - (list[i - 1] as number))));
const geometric = (list: number[]): number =>
  list.length ? Math.exp(mean(list.map((t) => Math.log(Math.max(1, t))))) : 0;
/** RFC 1889's estimate. */
const interarrival = (list: number[]): number => jitters(list).reduce((j, d) => j + d - (j + 8) / 16, 0);

const ms = (f: (times: number[]) => number) => (h: Hop) => f(h.times) / 1000;
const loss = (h: Hop): number => (h.sent === 0 ? 0 : (100 * (h.sent - h.times.length)) / h.sent);

const FIELDS: Record<string, Field> = {
  ' ': { title: ' ', width: 1, digits: null, value: () => 0 },
  L: { title: 'Loss%', width: 6, digits: 1, value: loss },
  D: { title: 'Drop', width: 5, digits: null, value: (h) => h.sent - h.times.length },
  R: { title: 'Rcv', width: 6, digits: null, value: (h) => h.times.length },
  S: { title: 'Snt', width: 6, digits: null, value: (h) => h.sent },
  N: { title: 'Last', width: 6, digits: 1, value: ms((t) => t.at(-1) ?? 0) },
  B: { title: 'Best', width: 6, digits: 1, value: ms((t) => (t.length ? Math.min(...t) : 0)) },
  A: { title: 'Avg', width: 6, digits: 1, value: ms(mean) },
  W: { title: 'Wrst', width: 6, digits: 1, value: ms((t) => (t.length ? Math.max(...t) : 0)) },
  V: { title: 'StDev', width: 6, digits: 1, value: ms(deviation) },
  G: { title: 'Gmean', width: 6, digits: 1, value: ms(geometric) },
  J: { title: 'Jttr', width: 5, digits: 1, value: ms((t) => jitters(t).at(-1) ?? 0) },
  M: { title: 'Javg', width: 5, digits: 1, value: ms((t) => mean(jitters(t))) },
  X: { title: 'Jmax', width: 5, digits: 1, value: ms((t) => Math.max(0, ...jitters(t))) },
  I: { title: 'Jint', width: 5, digits: 1, value: ms(interarrival) },
};

const fieldsOf = (o: MtrOptions): Field[] => [...o.fields].map((letter) => FIELDS[letter] as Field);

/** ` %4.1f%%`, ` %5.1f` and ` %5d` as data_fields has them. */
function cell(field: Field, h: Hop): string {
  if (field.title === ' ') return ' ';
  const text = field.digits === null ? String(field.value(h)) : field.value(h).toFixed(field.digits);
  return field.title === 'Loss%' ? ` ${text.padStart(4)}%` : ` ${text.padStart(field.width - 1)}`;
}

const NAME_COLUMN = 33;

/** -r and -w. */
export function report(o: MtrOptions, host: string, hops: Hop[], epoch: number): string {
  const longest = Math.max(host.length, ...hops.map((h) => h.name.length));
  const width = o.wide ? longest : NAME_COLUMN;
  const line = (head: string, cells: string[]) => {
    let text = o.wide ? head : head.padEnd(NAME_COLUMN).slice(0, NAME_COLUMN);
    let at = text.length;
    // Each cell is written over what the one before it had too much.
    for (const [i, value] of cells.entries()) {
      text = text.slice(0, at) + value;
      at += fieldsOf(o)[i]?.width ?? 0;
    }
    return `${text}\n`;
  };
  let out = `Start: ${strftime('%Y-%m-%dT%H:%M:%S+0000', Math.floor(epoch), 0)}\n`;
  out += line(
    `HOST: ${host.padEnd(width)}`,
    fieldsOf(o).map((f) => f.title.padStart(f.width)),
  );
  for (const h of hops)
    out += line(
      `${String(h.ttl).padStart(3)}.|-- ${h.name.padEnd(width)}`,
      fieldsOf(o).map((f) => cell(f, h)),
    );
  return out;
}

/** A real as jansson writes it with five digits. */
const real = (n: number): string => {
  const text = String(Number(n.toPrecision(5)));
  return /[.e]/.test(text) ? text : `${text}.0`;
};

/** -j. */
export function json(o: MtrOptions, host: string, target: string, hops: Hop[]): string {
  const fields = fieldsOf(o).filter((f) => f.title !== ' ');
  const pad = (n: number) => ' '.repeat(4 * n);
  const head = [
    `"src": "${host}"`,
    `"dst": "${target}"`,
    `"tos": ${o.tos}`,
    `"tests": ${o.cycles}`,
    `"psize": "${o.size}"`,
    `"bitpattern": "0x${o.pattern.toString(16).toUpperCase().padStart(2, '0')}"`,
  ];
  const hub = (h: Hop) => {
    const items = [
      `"count": ${h.ttl}`,
      `"host": "${h.name}"`,
      ...fields.map((f) => `"${f.title}": ${f.digits === null ? f.value(h) : real(f.value(h))}`),
    ];
    return `${pad(3)}{\n${items.map((item) => pad(4) + item).join(',\n')}\n${pad(3)}}`;
  };
  return (
    `{\n${pad(1)}"report": {\n${pad(2)}"mtr": {\n${head.map((item) => pad(3) + item).join(',\n')}\n${pad(2)}},\n` +
    `${pad(2)}"hubs": [\n${hops.map(hub).join(',\n')}\n${pad(2)}]\n${pad(1)}}\n}\n`
  );
}

/** -x. */
export function xml(o: MtrOptions, host: string, target: string, hops: Hop[]): string {
  const hex = (n: number) => `0x${n.toString(16).toUpperCase()}`;
  let out = `<?xml version="1.0"?>\n<MTR SRC="${host}" DST="${target}" TOS="${hex(o.tos)}" PSIZE="${o.size}" BITPATTERN="0x${o.pattern.toString(16).toUpperCase().padStart(2, '0')}" TESTS="${o.cycles}">\n`;
  for (const h of hops) {
    out += `    <HUB COUNT="${h.ttl}" HOST="${h.name}">\n`;
    for (const f of fieldsOf(o)) {
      if (f.title === ' ') continue;
      const tag = f.title.replace('%', '');
      out += `        <${tag}>${cell(f, h)}</${tag}>\n`;
    }
    out += '    </HUB>\n';
  }
  return `${out}</MTR>\n`;
}

/** -C. */
export function csv(o: MtrOptions, target: string, hops: Hop[], epoch: number): string {
  let out = `Mtr_Version,Start_Time,Status,Host,Hop,Ip,${fieldsOf(o)
    .map((f) => `${f.title},`)
    .join('')}\n`;
  for (const h of hops) {
    const values = fieldsOf(o).map((f) => (f.digits === null ? String(f.value(h)) : f.value(h).toFixed(2)));
    out += `MTR.0.95,${Math.floor(epoch)},OK,${target},${h.ttl},${h.name},${values.join(',')}\n`;
  }
  return out;
}
