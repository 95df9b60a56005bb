/** `ip vrf`: ip/ipvrf.c. */
import { findLink, linksByIndex } from '../../linux/link/find.ts';
import { l3table } from '../../linux/link/vrf.ts';
import type { Link } from '../../linux/types.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { Exit, getUnsigned, invarg, matches, notModelledExit } from '../../text/iproute.ts';
import { flush, type Ip, printerFor } from './context.ts';
import { USAGE } from './help.ts';
import { namedNetns } from './netns.ts';

/** The routing domain a name means, or the end of the program in the words of who asks. */
export function vrfNamed(ip: Ip, name: string, message: string): Link {
  const link = findLink(ip.ns, name);
  if (link?.kind !== 'vrf') throw invarg(`${message}\n`, name);
  return link;
}

function show(ip: Ip, words: readonly string[]): number {
  const [name] = words;
  if (words.length > 1) throw new Exit(255, USAGE.vrf);
  if (name !== undefined) {
    const link = findLink(ip.ns, name);
    if (link?.kind !== 'vrf') throw new Exit(255, 'Invalid VRF\n');
    ip.out += `${name} ${l3table(ip.ns, link)}\n`;
    return 0;
  }
  const p = printerFor(ip);
  p.fp(`${'Name'.padEnd(16)}  Table\n-----------------------\n`);
  const all = linksByIndex(ip.ns).filter((link) => link.kind === 'vrf');
  for (const link of all) {
    const table = l3table(ip.ns, link);
    p.open();
    p.any('name', link.name, link.name.padEnd(16));
    p.any('table', table, ` ${String(table).padStart(5)}`);
    p.fp('\n');
    p.close();
  }
  if (all.length === 0) p.fp('No VRF has been configured\n');
  flush(ip, p);
  return 0;
}

/** Processes are put into a domain by a cgroup; no process is in one where there is no cgroup2 file system. */
function exec(ip: Ip, words: readonly string[]): number {
  const [name, command] = words;
  if (name === undefined) throw new Exit(1, 'No VRF name specified\n');
  if (command === undefined) throw new Exit(1, 'No command specified\n');
  const link = findLink(ip.ns, name);
  if (name !== 'default' && link?.kind !== 'vrf') throw new Exit(255, 'Invalid VRF name\n');
  const vfs = vfsOf(ip.proc);
  if (vfs.stat('/sys/fs/cgroup').ok) throw notModelledExit('ip vrf exec');
  const netns = namedNetns(ip).find((n) => n.netns === ip.ns.id)?.name;
  const first = netns ? `${netns}-ns` : 'vrf';
  throw new Exit(
    255,
    `mkdir failed for /sys/fs/cgroup/${first}: No such file or directory\nFailed to setup vrf cgroup2 directory\n`,
  );
}

/** `ip vrf …` */
export function vrf(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return show(ip, []);
  if (matches(verb, 'identify')) {
    if (rest.length > 1) throw invarg('Extra arguments specified\n', rest[1] as string);
    if (rest[0] !== undefined && getUnsigned(rest[0]) === null) throw invarg('Invalid pid\n', rest[0]);
    return 0;
  }
  if (matches(verb, 'pids')) {
    if (rest.length !== 1) throw new Exit(1, 'Invalid arguments\n');
    if (findLink(ip.ns, rest[0] as string)?.kind !== 'vrf') throw new Exit(1, 'Invalid VRF name\n');
    return 0;
  }
  if (matches(verb, 'exec')) return exec(ip, rest);
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(ip, rest);
  if (matches(verb, 'help')) throw new Exit(255, USAGE.vrf);
  throw new Exit(255, `Command "${verb}" is unknown, try "ip vrf help".\n`);
}
