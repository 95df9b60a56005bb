import type { World } from '../../../kernel/world.ts';
import { defineMatch, fail } from '../ext.ts';

/** The last second of a 32-bit clock: what a rule without --datestop has (INT_MAX in libxt_time.c). */
export const FOREVER = 0x7fffffff;

interface TimeArgs {
  /** Seconds since 1970; null is no bound. */
  start: number | null;
  stop: number;
  /** Seconds since midnight. */
  dayStart: number;
  dayStop: number;
  /** Bit n is day n. */
  monthDays: number;
  weekDays: number;
  kernelTz: boolean;
  contiguous: boolean;
}

const DAYS = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const ALL_MONTH = 0xfffffffe;
const ALL_WEEK = 0xfe;
const DAY_END = 86399;

/** `YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`, UTC. */
function parseDate(text: string): number {
  const m = /^(\d+)(?:-(\d*)(?:-(\d*)(?:T(\d*)(?::(\d*)(?::(\d*))?)?)?)?)?$/.exec(text);
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) =>
    m?.[i] === undefined ? (i === 2 || i === 3 ? 1 : 0) : Number(m[i]),
  ) as [number, number, number, number, number, number];
  const bad = year < 1970 || year > 2038 || month > 12 || day > 31 || hour > 23 || minute > 59 || second > 59;
  if (!m || bad) fail(`Invalid date "${text}" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`);
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

function parseMinutes(text: string): number {
  const m = /^(\d+):(\d*)(?::(\d*))?$/.exec(text);
  const [hour, minute, second] = [Number(m?.[1]), Number(m?.[2]), Number(m?.[3] ?? 0)];
  if (!m || hour > 23 || minute > 59 || second > 59) {
    // The words name what is left when the first part was read.
    const rest = /^\d+:/.test(text) && hour <= 23 ? text.slice(text.indexOf(':') + 1) : text;
    fail(`invalid time "${rest}" specified, should be hh:mm[:ss] format and within the boundaries`);
  }
  return hour * 3600 + minute * 60 + second;
}

function parseMonthDays(text: string): number {
  let mask = 0;
  for (const word of text.split(',')) {
    if (word === '') continue;
    const day = word.slice(0, 2);
    if (!/^\d+$/.test(day) || Number(day) > 31) fail(`${day} is not a valid day for --monthdays`);
    mask |= 1 << Number(day);
  }
  return mask >>> 0;
}

function parseWeekDays(text: string): number {
  let mask = 0;
  for (const word of text.split(',')) {
    if (word === '') continue;
    const day = word.slice(0, 3);
    if (/^\d+$/.test(day)) {
      if (Number(day) === 0) fail('No, the week does NOT begin with Sunday.');
      mask |= 1 << Number(day);
      continue;
    }
    const found = DAYS.findIndex((name) => name !== '' && name.slice(0, 2) === day.slice(0, 2));
    if (found < 0) fail(`${day} is not a valid day specifier`);
    mask |= 1 << found;
  }
  return mask & 0xff;
}

const two = (n: number): string => String(n).padStart(2, '0');
const clock = (seconds: number): string =>
  `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
const dateText = (seconds: number, separator: string): string =>
  new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', separator);

const weekDaysText = (mask: number): string => DAYS.filter((_, i) => i > 0 && mask & (1 << i)).join(',');

const ORDINAL = ['th', 'st', 'nd', 'rd'];
function monthDaysText(mask: number, ordinals: boolean): string {
  const days: string[] = [];
  for (let i = 1; i <= 31; i++) {
    if (!(mask & (1 << i))) continue;
    days.push(`${i}${ordinals ? (ORDINAL[i % 10] ?? 'th') : ''}`);
  }
  return days.join(',');
}

const dayTimeSet = (a: TimeArgs): boolean => a.dayStart !== 0 || a.dayStop !== DAY_END;

function holds(a: TimeArgs, world: World): boolean {
  let stamp = world.epoch + Math.floor(world.now / 1_000_000);
  if ((a.start !== null && stamp < a.start) || stamp > a.stop) return false;
  const time = ((stamp % 86400) + 86400) % 86400;
  if (a.dayStart < a.dayStop) {
    if (time < a.dayStart || time > a.dayStop) return false;
  } else {
    if (time < a.dayStart && time > a.dayStop) return false;
    // The part after midnight belongs to the day before.
    if (a.contiguous && time < a.dayStop) stamp -= 86400;
  }
  const date = new Date(stamp * 1000);
  if (!(a.weekDays & (1 << (date.getUTCDay() || 7)))) return false;
  return a.monthDays === ALL_MONTH || (a.monthDays & (1 << date.getUTCDate())) !== 0;
}

/** Hours, days and dates of the virtual clock: xt_time.c. The kernel's time zone is UTC. */
export const time = defineMatch<TimeArgs>({
  name: 'time',
  options: [
    ...['datestart', 'datestop', 'timestart', 'timestop'].map((name) => ({ name, arg: true })),
    { name: 'contiguous' },
    { name: 'weekdays', arg: true, invert: true },
    { name: 'monthdays', arg: true, invert: true },
    { name: 'localtz', excl: ['utc'] },
    { name: 'utc', excl: ['localtz', 'kerneltz'] },
    { name: 'kerneltz', excl: ['utc'] },
  ],
  init: () => ({
    start: null,
    stop: FOREVER,
    dayStart: 0,
    dayStop: DAY_END,
    monthDays: ALL_MONTH,
    weekDays: ALL_WEEK,
    kernelTz: false,
    contiguous: false,
  }),
  option(args, id, value, not, ctx) {
    if (id === 'datestart') args.start = parseDate(value) || null;
    else if (id === 'datestop') args.stop = parseDate(value);
    else if (id === 'timestart') args.dayStart = parseMinutes(value);
    else if (id === 'timestop') args.dayStop = parseMinutes(value);
    else if (id === 'contiguous') args.contiguous = true;
    else if (id === 'weekdays') args.weekDays = parseWeekDays(value) ^ (not ? ALL_WEEK : 0);
    else if (id === 'monthdays') args.monthDays = (parseMonthDays(value) ^ (not ? ALL_MONTH : 0)) >>> 0;
    else if (id !== 'utc') {
      args.kernelTz = true;
      if (id === 'localtz')
        ctx.warnings.push(
          'WARNING: --localtz is being replaced by --kerneltz, since "local" is ambiguous. Note the kernel timezone has caveats - see manpage for details.\n',
        );
    }
  },
  done(args) {
    if (args.contiguous && args.dayStart < args.dayStop)
      fail('time: --contiguous only makes sense when stoptime is smaller than starttime');
  },
  save(args) {
    let text = dayTimeSet(args) ? ` --timestart ${clock(args.dayStart)} --timestop ${clock(args.dayStop)}` : '';
    if (args.monthDays !== ALL_MONTH) text += ` --monthdays ${monthDaysText(args.monthDays, false)}`;
    if (args.weekDays !== ALL_WEEK) text += ` --weekdays ${weekDaysText(args.weekDays)}`;
    if (args.start !== null) text += ` --datestart ${dateText(args.start, 'T')}`;
    text += ` --datestop ${dateText(args.stop, 'T')}`;
    if (args.kernelTz) text += ' --kerneltz';
    return args.contiguous ? `${text} --contiguous` : text;
  },
  list(args) {
    let text = 'TIME';
    if (dayTimeSet(args)) text += ` from ${clock(args.dayStart)} to ${clock(args.dayStop)}`;
    if (args.weekDays !== ALL_WEEK) text += ` on ${weekDaysText(args.weekDays)}`;
    if (args.monthDays !== ALL_MONTH) text += ` on ${monthDaysText(args.monthDays, true)}`;
    if (args.start !== null) text += ` starting from ${dateText(args.start, ' ')}`;
    if (args.stop !== FOREVER) text += ` until date ${dateText(args.stop, ' ')}`;
    if (!args.kernelTz) text += ' UTC';
    return args.contiguous ? `${text} contiguous` : text;
  },
  apply: (args, { world }) => holds(args, world),
});
