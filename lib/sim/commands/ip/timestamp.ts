/** `-t` and `-ts`: print_timestamp of lib/utils.c. */
import { civilFromDays } from '../../text/civil.ts';
import type { Ip } from './context.ts';

const DAY = 86_400;
const WEEKDAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');

/** When an event came, as asked for; else nothing. Universal time, the zone of every host here. */
export function stamp(ip: Ip): string {
  if (ip.opts.timestamp === 'none') return '';
  const seconds = ip.world.epoch + Math.floor(ip.world.now / 1e6);
  const usec = ip.world.now % 1e6;
  const days = Math.floor(seconds / DAY);
  const { year, month, day } = civilFromDays(days);
  const rest = seconds % DAY;
  const time = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(':');
  if (ip.opts.timestamp === 'short')
    return `[${year}-${two(month)}-${two(day)}T${time}.${String(usec).padStart(6, '0')}] `;
  return `Timestamp: ${WEEKDAYS[days % 7]} ${MONTHS[month - 1]} ${String(day).padStart(2)} ${time} ${year} ${usec} usec\n`;
}
