/** The time match in nft's words. */
import { FOREVER } from '../../../linux/netfilter/match/time.ts';

interface TimeArgs {
  start: number | null;
  stop: number;
  dayStart: number;
  dayStop: number;
  monthDays: number;
  weekDays: number;
}

const DAY_END = 86399;
const ALL_WEEK = 0xfe;
const ALL_MONTH = 0xfffffffe;

const date = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
const clock = (s: number): string =>
  [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60].map((n) => String(n).padStart(2, '0')).join(':');

/** `meta time … meta hour … meta day …`. Null for days of the month, which nft does not know. */
export function timeWords(args: TimeArgs): string | null {
  if (args.monthDays !== ALL_MONTH) return null;
  const out: string[] = [];
  if (args.start !== null || args.stop !== FOREVER)
    out.push(`meta time "${date(args.start ?? 0)}"-"${date(args.stop)}"`);
  if (args.dayStart !== 0 || args.dayStop !== DAY_END)
    out.push(`meta hour "${clock(args.dayStart)}"-"${clock(args.dayStop)}"`);
  if (args.weekDays !== ALL_WEEK) {
    const days = [1, 2, 3, 4, 5, 6, 7].filter((d) => args.weekDays & (1 << d)).map((d) => d % 7);
    out.push(`meta day ${days.length === 1 ? days[0] : `{ ${days.join(', ')} }`}`);
  }
  // The days bring their own blank along (libxt_time.c).
  return out[0]?.startsWith('meta day') ? ` ${out[0]}` : out.join(' ');
}
