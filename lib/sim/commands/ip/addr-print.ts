/** One address as `ip addr` prints it: print_addrinfo of ip/ipaddress.c. */
import { formatIp, inPrefix } from '../../addr/ip.ts';
import type { IfAddr, Link } from '../../linux/types.ts';
import { addressColour, type Printer } from '../../text/iproute.ts';
import type { AddressFilter } from './addr-filter.ts';
import type { Ip } from './context.ts';
import { scopeName } from './parse.ts';

const FOREVER = 4294967295;
/** Flags in the order iproute2 prints them. */
const FLAG_ORDER = [
  'secondary',
  'nodad',
  'optimistic',
  'dadfailed',
  'home',
  'deprecated',
  'tentative',
  'dynamic',
  'mngtmpaddr',
  'noprefixroute',
  'autojoin',
  'stable-privacy',
];

/** fnmatch(3) with `*` and `?`. */
function globMatch(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`).test(text);
}

/** Its preferred lifetime is over: no longer chosen as a source. */
const isDeprecated = (a: IfAddr, now: number): boolean => a.preferredUntil !== null && a.preferredUntil <= now;

/** Whether an address passes the filter. */
export function wantsAddress(a: IfAddr, filter: AddressFilter): boolean {
  if (filter.family !== 0 && (typeof a.local === 'bigint' ? 6 : 4) !== filter.family) return false;
  if (filter.scope !== undefined && a.scope !== filter.scope) return false;
  if (filter.label !== undefined && !globMatch(filter.label, a.label)) return false;
  if (filter.to && !inPrefix(a.local, filter.to)) return false;
  for (const [flag, wanted] of filter.flags) {
    const has =
      flag === 'dynamic'
        ? a.validUntil !== null
        : flag === 'deprecated'
          ? isDeprecated(a, filter.now)
          : a.flags.includes(flag);
    if (has !== wanted) return false;
  }
  return true;
}

const secondsLeft = (ip: Ip, until: number | null): number =>
  until === null ? FOREVER : Math.max(0, Math.round((until - ip.world.now) / 1e6));

/** Prints an address; with -br only itself. */
export function printAddress(ip: Ip, p: Printer, link: Pick<Link, 'ifindex' | 'name'>, a: IfAddr): void {
  const v6 = typeof a.local === 'bigint';
  if (!ip.opts.brief) {
    if (ip.opts.oneline) {
      p.any('index', link.ifindex, `${link.ifindex}:`);
      p.any('dev', link.name, ` ${link.name}`);
    }
    const family = v6 ? 'inet6' : 'inet';
    p.any('family', family, `    ${family} `);
  }
  p.any('local', formatIp(a.local), formatIp(a.local), addressColour(a.local));
  if (a.peer !== null && a.peer !== a.local) {
    p.fp(' peer ');
    p.any('address', formatIp(a.peer), formatIp(a.peer), addressColour(a.peer));
  }
  p.any('prefixlen', a.len, `/${a.len} `);
  if (a.metric) p.any('metric', a.metric, `metric ${a.metric} `);
  if (ip.opts.brief) return;
  if (a.broadcast !== null) {
    p.fp('brd ');
    p.any('broadcast', formatIp(a.broadcast), `${formatIp(a.broadcast)} `, 'inet');
  }
  const scope = scopeName(a.scope, ip.opts.numeric);
  p.any('scope', scope, `scope ${scope} `);
  for (const flag of FLAG_ORDER) {
    const on =
      flag === 'dynamic'
        ? a.validUntil !== null
        : flag === 'deprecated'
          ? isDeprecated(a, ip.world.now)
          : a.flags.includes(flag);
    const name = flag === 'secondary' && v6 ? 'temporary' : flag;
    if (on) p.any(name, true, `${name} `);
  }
  if (!v6) p.any('label', a.label, a.label);
  p.fp(p.nl);
  const valid = secondsLeft(ip, a.validUntil);
  // IPv4 tells of a permanent address that both lifetimes are for ever.
  const preferred = !v6 && a.validUntil === null ? FOREVER : secondsLeft(ip, a.preferredUntil);
  const text = (seconds: number) => (seconds === FOREVER ? 'forever' : `${seconds}sec`);
  p.any('valid_life_time', valid, `       valid_lft ${text(valid)}`);
  p.any('preferred_life_time', preferred, ` preferred_lft ${text(preferred)}`);
  p.fp('\n');
}
