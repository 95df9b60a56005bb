/** Time stamps of -t … -ttttt (util-print.c). Times are microseconds since 1970, in UTC. */

const two = (n: number): string => String(n).padStart(2, '0');

function clock(us: number, nano: boolean, finer = 0): string {
  const seconds = Math.floor(us / 1e6);
  const fraction = String(us - seconds * 1e6).padStart(6, '0') + (nano ? String(finer).padStart(3, '0') : '');
  return `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`;
}

/** Days since 1970 as YYYY-MM-DD (proleptic Gregorian; Howard Hinnant's civil_from_days). */
function date(days: number): string {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const doe = z - era * 146097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(doy - Math.floor((153 * mp + 2) / 5) + 1)}`;
}

/** The stamp and its blank. `since` is the packet the difference is taken from (-ttt the last, -ttttt the first). */
export function timeStamp(mode: number, us: number, since: number, nano: boolean, finer = 0): string {
  switch (mode) {
    case 1:
      return '';
    case 2:
      return `${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}${nano ? String(finer).padStart(3, '0') : ''} `;
    case 3:
    case 5:
      return ` ${clock(us - since, nano)} `;
    case 4:
      return `${date(Math.floor(us / 86400e6))} ${clock(us, nano, finer)} `;
    default:
      return `${clock(us, nano, finer)} `;
  }
}
