/** What the objects of tc(8) have in common: its state, and numbers as tc_util.c of iproute2 6.1.0 reads and writes them. */
import type { Proc } from '../../kernel/process.ts';
import type { World } from '../../kernel/world.ts';
import { getLink } from '../../linux/link/linkwatch.ts';
import { ROOT } from '../../linux/tc/types.ts';
import type { Link, NetNs, NlError } from '../../linux/types.ts';
import { Exit, netlinkError } from '../../text/iproute.ts';

export interface Tc {
  proc: Proc;
  world: World;
  ns: NetNs;
  opts: {
    json: boolean;
    pretty: boolean;
    stats: boolean;
    details: boolean;
    oneline: boolean;
    force: boolean;
    batch: string | null;
  };
  out: string;
  err: string;
}

/** The device of that name, or the end of the program. */
export function device(tc: Tc, name: string): Link {
  const link = getLink(tc.world, tc.ns, name);
  if (!link) throw new Exit(1, `Cannot find device "${name}"\n`);
  return link;
}

/** Ends the program when the kernel refused: exit 2. `after` is what some objects add. */
export function refuse(error: NlError | null, after = ''): void {
  if (error) throw new Exit(2, netlinkError(error) + after);
}

/** get_qdisc_handle(): `1:` or `1`, in hexadecimal; null when it is none. */
export function parseHandle(text: string): number | null {
  if (text === 'none') return 0;
  const m = /^(?:0x)?([0-9a-f]+)(:.*)?$/i.exec(text);
  const major = m ? Number.parseInt(m[1] as string, 16) : Number.NaN;
  return major < 65536 ? major * 65536 : null;
}

/** get_tc_classid(): `1:10`, `1:`, `:10`, `root`. */
export function parseClassid(text: string): number | null {
  if (text === 'root') return ROOT;
  if (text === 'none') return 0;
  const m = /^([0-9a-f]*)(?::([0-9a-f]*))?$/i.exec(text);
  if (!m || (m[1] === '' && m[2] === undefined)) return null;
  const major = m[1] === '' ? 0 : Number.parseInt(m[1] as string, 16);
  if (m[2] === undefined) return major;
  const minor = m[2] === '' ? 0 : Number.parseInt(m[2], 16);
  return major < 65536 && minor < 65536 ? major * 65536 + minor : null;
}

/** print_tc_classid(). */
export function classidText(id: number): string {
  if (id === ROOT) return 'root';
  if (id === 0) return 'none';
  const major = id >>> 16;
  const minor = id & 0xffff;
  if (major === 0) return `:${minor.toString(16)}`;
  return `${major.toString(16)}:${minor === 0 ? '' : minor.toString(16)}`;
}

const amount = (text: string): [number, string] | null => {
  const m = /^(\d+(?:\.\d*)?|\.\d+)(.*)$/.exec(text);
  return m ? [Number(m[1]), (m[2] as string).toLowerCase()] : null;
};

const RATES: Readonly<Record<string, number>> = {
  '': 1,
  bit: 1,
  kibit: 1024,
  kbit: 1e3,
  mibit: 1024 ** 2,
  mbit: 1e6,
  gibit: 1024 ** 3,
  gbit: 1e9,
  tibit: 1024 ** 4,
  tbit: 1e12,
  bps: 8,
  kibps: 8192,
  kbps: 8e3,
  mibps: 8 * 1024 ** 2,
  mbps: 8e6,
  gibps: 8 * 1024 ** 3,
  gbps: 8e9,
  tibps: 8 * 1024 ** 4,
  tbps: 8e12,
};
const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1024,
  g: 1024 ** 3,
  gb: 1024 ** 3,
  gbit: 1024 ** 3 / 8,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  mbit: 1024 ** 2 / 8,
  kbit: 128,
};
const TIMES: Readonly<Record<string, number>> = {
  '': 1,
  s: 1e6,
  sec: 1e6,
  secs: 1e6,
  ms: 1e3,
  msec: 1e3,
  msecs: 1e3,
  us: 1,
  usec: 1,
  usecs: 1,
};

function scaled(text: string, units: Readonly<Record<string, number>>): number | null {
  const found = amount(text);
  const unit = found ? units[found[1]] : undefined;
  return found && unit !== undefined ? found[0] * unit : null;
}

/** get_rate64(): bytes a second. */
export function parseRate(text: string): number | null {
  const bits = scaled(text, RATES);
  return bits === null ? null : Math.trunc(bits / 8);
}

/** get_size(): bytes. */
export function parseSize(text: string): number | null {
  const size = scaled(text, SIZES);
  return size === null || size > 4294967295 ? null : Math.trunc(size);
}

/** get_time(): microseconds. */
export function parseTime(text: string): number | null {
  const us = scaled(text, TIMES);
  return us === null ? null : Math.trunc(us);
}

/** tc_print_rate(): `8Mbit` of bytes a second. */
export function rateText(bytes: number): string {
  let rate = bytes * 8;
  const units = ['', 'K', 'M', 'G', 'T'];
  let i = 0;
  for (; i < units.length - 1; i++) {
    if (rate < 1000 || (rate % 1000 !== 0 && rate < 1_000_000)) break;
    rate = Math.floor(rate / 1000);
  }
  return `${rate}${units[i]}bit`;
}

/** print_size(): `10Kb`. */
export function sizeText(size: number): string {
  const mega = 1024 * 1024;
  const near = (unit: number, within: number) =>
    size >= unit && Math.abs(unit * Math.round(size / unit) - size) < within;
  if (near(mega, 1024)) return `${Math.round(size / mega)}Mb`;
  return near(1024, 16) ? `${Math.round(size / 1024)}Kb` : `${size}b`;
}

/** sprint_time(): `25ms` of microseconds. */
export function timeText(us: number): string {
  const short = (n: number) => String(Number(n.toPrecision(3)));
  if (us >= 1e6) return `${short(us / 1e6)}s`;
  return us >= 1e3 ? `${short(us / 1e3)}ms` : `${us}us`;
}
