/** Rates of the hashlimit match: packets in a time, or bytes a second. libxt_hashlimit's scales, revision 3. */
import { fail } from '../ext.ts';

/** One second in the scale of packet rates. */
const SCALE = 1_000_000;
const U32 = 0xffffffff;

const UNITS: [string, number][] = [
  ['second', 1],
  ['minute', 60],
  ['hour', 3600],
  ['day', 86400],
];

/** atoll(3). */
const leading = (text: string): number => {
  const n = Number.parseInt(text, 10);
  return Number.isNaN(n) ? 0 : n;
};

/** `10/minute` as microseconds for one packet. Null when it is no rate. */
export function parsePacketRate(text: string): number | null {
  const slash = text.indexOf('/');
  let seconds = 1;
  if (slash >= 0) {
    const word = text.slice(slash + 1).toLowerCase();
    const unit = word === '' ? undefined : UNITS.find(([name]) => name.startsWith(word));
    if (!unit) return null;
    seconds = unit[1];
  }
  const rate = leading(text);
  if (rate === 0) return null;
  const period = Math.floor((SCALE * seconds) / Math.abs(rate));
  if (period === 0) fail(`Rate too fast "${text}"`);
  return period;
}

/** Bytes a second as the cost of 16 bytes. */
const bytesToCost = (bytes: number): number => Math.floor(U32 / ((Math.floor(bytes / 16) % 2 ** 32) + 1));

/** And back: the least burst. */
export const costToBytes = (cost: number): number => ((cost ? Math.floor(U32 / cost) : U32) - 1) * 16;

/** `512kb/s` as a cost. Null when it is no byte rate. */
export function parseByteRate(text: string): number | null {
  const at = text.indexOf('b/s');
  if (at <= 0) return null;
  const rate = leading(text);
  if (rate === 0) return null;
  const unit = text[at - 1];
  const cost = bytesToCost(rate * (unit === 'm' ? 1024 * 1024 : unit === 'k' ? 1024 : 1));
  if (cost === 0) fail(`Rate too high "${text}"`);
  return cost;
}

const SHOWN: [string, number][] = [
  ['day', 86400 * SCALE],
  ['hour', 3600 * SCALE],
  ['min', 60 * SCALE],
  ['sec', SCALE],
];

/** `10/min`, and how many seconds its unit has. */
export function rateText(period: number): { text: string; seconds: number } {
  let i = 1;
  for (; i < SHOWN.length; i++) {
    const mult = (SHOWN[i] as [string, number])[1];
    if (period > mult || Math.floor(mult / period) < mult % period) break;
  }
  const [name, mult] = SHOWN[i - 1] as [string, number];
  return { text: `${Math.floor(mult / period)}/${name}`, seconds: mult / SCALE };
}

const BYTE_UNITS: [string, number][] = [
  ['m', 1024 * 1024],
  ['k', 1024],
  ['', 1],
];

/** `512kb/s burst 1mb`. */
export function byteRateText(cost: number, burst: number, prefix: string): string {
  const rate = costToBytes(cost);
  const unitOf = (fits: (size: number) => boolean) =>
    (BYTE_UNITS.find(([, size]) => fits(size)) ?? BYTE_UNITS[2]) as [string, number];
  const [name, size] = unitOf((s) => rate >= s && bytesToCost(rate - (rate % s)) === cost);
  const text = `${Math.floor(rate / size)}${name}b/s`;
  if (burst === 0) return text;
  const total = rate * burst;
  const [burstName, burstSize] = unitOf((s) => total >= s);
  return `${text} ${prefix}burst ${Math.floor(total / burstSize)}${burstName}b`;
}
