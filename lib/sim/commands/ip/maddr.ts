/** `ip maddress`: ip/ipmaddr.c. */
import { formatIp } from '../../addr/ip.ts';
import { formatMac, type Mac } from '../../addr/mac.ts';
import { findLink, linksByIndex } from '../../linux/link/find.ts';
import { groups4, groups6, type Membership, multicastList } from '../../linux/proc/mcast.ts';
import type { Link } from '../../linux/types.ts';
import { Args, addressColour, type Colour, duparg2, Exit, matches, type Printer } from '../../text/iproute.ts';
import { flush, type Ip, printerFor } from './context.ts';
import { lladdrBytes, macOfBytes } from './parse.ts';
import { MORE_USAGE } from './usage-more.ts';

const usage = (): Exit => new Exit(255, MORE_USAGE.maddress);

interface Entry {
  family: 'link' | 'inet' | 'inet6';
  address: string;
  colour: Colour;
  users: number;
  fixed: boolean;
}

function entriesOf(ip: Ip, link: Link): Entry[] {
  const { family } = ip.opts;
  const wants = (f: typeof family) => family === 0 || family === f;
  const entries: Entry[] = [];
  if (wants('link'))
    for (const mac of multicastList(ip.world, ip.ns, link))
      entries.push({
        family: 'link',
        address: formatMac(mac),
        colour: 'mac',
        users: 1,
        fixed: link.groups?.includes(mac) ?? false,
      });
  const member = (m: Membership): Entry => ({
    family: typeof m.group === 'bigint' ? 'inet6' : 'inet',
    address: formatIp(m.group),
    colour: addressColour(m.group),
    users: m.users,
    fixed: false,
  });
  if (wants(4)) entries.push(...groups4(link).map(member));
  if (wants(6)) entries.push(...groups6(ip.ns, link).map(member));
  return entries;
}

function printEntry(p: Printer, e: Entry): void {
  p.open();
  if (e.family === 'link') p.any('link', e.address, e.address, e.colour);
  else {
    p.js('family', e.family);
    p.any('address', e.address, e.address, e.colour);
  }
  if (e.users > 1) p.any('users', e.users, ` users ${e.users}`);
  if (e.fixed) p.any('features', 'static', ' static');
  p.close();
}

function list(ip: Ip, words: readonly string[]): number {
  let dev: string | undefined;
  const args = new Args(words);
  for (; args.more; args.skip()) {
    if (args.word === 'dev') args.next();
    else if (matches(args.word, 'help')) throw usage();
    if (dev !== undefined) throw duparg2('dev', args.word);
    dev = args.word;
  }
  const p = printerFor(ip);
  for (const link of linksByIndex(ip.ns)) {
    const entries = dev !== undefined && link.name !== dev ? [] : entriesOf(ip, link);
    if (entries.length === 0) continue;
    const head = () => {
      p.any('ifindex', link.ifindex, `${link.ifindex}:`);
      p.any('ifname', link.name, `\t${link.name}`, 'ifname');
      p.fp(p.nl);
    };
    p.open();
    if (!ip.opts.oneline || p.json) head();
    p.openArray('maddr');
    for (const e of entries) {
      if (ip.opts.oneline && !p.json) head();
      p.fp(`\t${e.family.padEnd(5)} `);
      printEntry(p, e);
      p.fp('\n');
    }
    p.close();
    p.close();
  }
  flush(ip, p);
  return 0;
}

/** multiaddr_modify: the ioctls SIOCADDMULTI and SIOCDELMULTI. */
function modify(ip: Ip, words: readonly string[], adding: boolean): number {
  let dev: string | undefined;
  let mac: Mac = 0;
  let given = false;
  const args = new Args(words);
  for (; args.more; args.skip()) {
    if (args.word === 'dev') {
      dev = args.next();
      continue;
    }
    if (args.word === 'address') args.next();
    if (matches(args.word, 'help')) throw usage();
    if (given) throw duparg2('address', args.word);
    given = true;
    const bytes = lladdrBytes(args.word);
    const parsed = bytes.length === 6 ? macOfBytes(bytes) : null;
    if (parsed === null) throw new Exit(1, `Error: Invalid address length ${bytes.length} - must be 6 bytes\n`);
    mac = parsed;
  }
  if (dev === undefined) throw new Exit(255, 'Not enough information: "dev" is required.\n');
  const link = findLink(ip.ns, dev);
  if (!link) throw new Exit(1, 'ioctl: No such device\n');
  const groups = link.groups ?? [];
  if (adding) {
    if (groups.includes(mac)) throw new Exit(1, 'ioctl: File exists\n');
    link.groups = [...groups, mac];
  } else {
    if (!groups.includes(mac)) throw new Exit(1, 'ioctl: No such file or directory\n');
    link.groups = groups.filter((g) => g !== mac);
  }
  return 0;
}

/** `ip maddress …` */
export function maddress(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return list(ip, []);
  if (matches(verb, 'add')) return modify(ip, rest, true);
  if (matches(verb, 'delete')) return modify(ip, rest, false);
  if (matches(verb, 'list') || matches(verb, 'show') || matches(verb, 'lst')) return list(ip, rest);
  if (matches(verb, 'help')) throw usage();
  throw new Exit(255, `Command "${verb}" is unknown, try "ip maddr help".\n`);
}
