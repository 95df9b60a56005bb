/** curl's progress meter (lib/progress.c) on stderr. Times in microseconds. */

export const METER_HEAD =
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n' +
  '                                 Dload  Upload   Total   Spent    Left  Speed\n';

/** A number in five columns, with k, M … when it is too long. */
function five(n: number): string {
  if (n < 100000) return String(n).padStart(5);
  if (n < 10000 * 1024) return `${String(Math.floor(n / 1024)).padStart(4)}k`;
  if (n < 100 * 1048576)
    return `${String(Math.floor(n / 1048576)).padStart(2)}.${Math.floor((n % 1048576) / 104857.6)}M`;
  return `${String(Math.floor(n / 1048576)).padStart(4)}M`;
}

const clock = (seconds: number): string => {
  if (seconds <= 0) return '--:--:--';
  const two = (n: number) => String(n).padStart(2, '0');
  return `${String(Math.floor(seconds / 3600)).padStart(2)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
};

export interface Meter {
  total: number;
  received: number;
  uploadTotal: number;
  uploaded: number;
  /** Since the transfer began. */
  elapsed: number;
}

const percent = (part: number, whole: number): string =>
  String(whole > 0 ? Math.floor((part * 100) / whole) : 0).padStart(3);

/** One line of the meter, carriage return in front. */
export function meterLine(m: Meter): string {
  const speed = (bytes: number) => (m.elapsed > 0 ? Math.floor((bytes * 1e6) / m.elapsed) : 0);
  const down = speed(m.received);
  const up = speed(m.uploaded);
  // The current speed counts whole milliseconds, at least one.
  const current = Math.floor(((m.received + m.uploaded) * 1000) / Math.max(1, Math.floor(m.elapsed / 1000)));
  const whole = m.total + m.uploadTotal;
  const estimate = down > 0 && m.total > 0 ? Math.floor(m.total / down) : 0;
  const spent = Math.floor(m.elapsed / 1e6);
  const left = estimate > 0 ? estimate - spent : 0;
  return (
    `\r${percent(m.received + m.uploaded, whole)} ${five(whole)}  ${percent(m.received, m.total)} ${five(m.received)}  ` +
    `${percent(m.uploaded, m.uploadTotal)} ${five(m.uploaded)}  ${five(down)}  ${five(up)} ${clock(estimate)} ${clock(spent)} ${clock(left)} ${five(current)}`
  );
}
