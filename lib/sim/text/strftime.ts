/** strftime(3) in UTC, C locale. */
import { civilFromDays, daysFromCivil } from './civil.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Formats Unix time `seconds` and `nanos` as GNU date does; unknown conversions stay as they are. */
export function strftime(format: string, seconds: number, nanos: number): string {
  const days = Math.floor(seconds / 86400);
  const rest = seconds - days * 86400;
  const { year, month, day } = civilFromDays(days);
  const hour = Math.floor(rest / 3600);
  const minute = Math.floor((rest % 3600) / 60);
  const second = rest % 60;
  const weekday = (((days + 4) % 7) + 7) % 7;
  const yearDay = days - daysFromCivil(year, 1, 1);
  const two = (n: number) => String(n).padStart(2, '0');
  const blank = (n: number) => String(n).padStart(2, ' ');
  const iso = isoWeek(days, weekday);
  const one = (c: string): string | null => {
    switch (c) {
      case 'Y':
        return String(year);
      case 'C':
        return two(Math.floor(year / 100));
      case 'y':
        return two(year % 100);
      case 'm':
        return two(month);
      case 'd':
        return two(day);
      case 'e':
        return blank(day);
      case 'H':
        return two(hour);
      case 'k':
        return blank(hour);
      case 'I':
        return two(hour % 12 || 12);
      case 'l':
        return blank(hour % 12 || 12);
      case 'M':
        return two(minute);
      case 'S':
        return two(second);
      case 'N':
        return String(nanos).padStart(9, '0');
      case 's':
        return String(seconds);
      case 'p':
        return hour < 12 ? 'AM' : 'PM';
      case 'P':
        return hour < 12 ? 'am' : 'pm';
      case 'a':
        return (DAYS[weekday] as string).slice(0, 3);
      case 'A':
        return DAYS[weekday] as string;
      case 'b':
      case 'h':
        return (MONTHS[month - 1] as string).slice(0, 3);
      case 'B':
        return MONTHS[month - 1] as string;
      case 'j':
        return String(yearDay + 1).padStart(3, '0');
      case 'u':
        return String(weekday || 7);
      case 'w':
        return String(weekday);
      case 'U':
        return two(Math.floor((yearDay + 7 - weekday) / 7));
      case 'W':
        return two(Math.floor((yearDay + 7 - ((weekday + 6) % 7)) / 7));
      case 'V':
        return two(iso.week);
      case 'G':
        return String(iso.year);
      case 'g':
        return two(iso.year % 100);
      case 'Z':
        return 'UTC';
      case 'z':
        return '+0000';
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case '%':
        return '%';
      case 'D':
        return strftime('%m/%d/%y', seconds, nanos);
      case 'F':
        return strftime('%Y-%m-%d', seconds, nanos);
      case 'T':
        return strftime('%H:%M:%S', seconds, nanos);
      case 'X':
        return strftime('%H:%M:%S', seconds, nanos);
      case 'x':
        return strftime('%m/%d/%y', seconds, nanos);
      case 'R':
        return strftime('%H:%M', seconds, nanos);
      case 'r':
        return strftime('%I:%M:%S %p', seconds, nanos);
      case 'c':
        return strftime('%a %b %e %H:%M:%S %Y', seconds, nanos);
      default:
        return null;
    }
  };
  return format.replace(
    /%(:z|([-_0^#]?)(\d*)([A-Za-z%]))/g,
    (whole, all: string, flag: string, width: string, c: string) => {
      if (all === ':z') return '+00:00';
      let text = one(c);
      if (text === null) return whole;
      if (flag === '-') text = text.replace(/^[0 ]+(?=.)/, '');
      else if (flag === '_') text = text.replace(/^0+(?=.)/, (z) => ' '.repeat(z.length));
      else if (flag === '0') text = text.replace(/^ +/, (z) => '0'.repeat(z.length));
      else if (flag === '^') text = text.toUpperCase();
      if (width !== '' && c === 'N') return text.slice(0, Number(width));
      return width === '' ? text : text.padStart(Math.min(200, Number(width)), /^\d/.test(text) ? '0' : ' ');
    },
  );
}

function isoWeek(days: number, weekday: number): { year: number; week: number } {
  const thursday = days - ((weekday + 6) % 7) + 3;
  const { year } = civilFromDays(thursday);
  return { year, week: 1 + Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) };
}
