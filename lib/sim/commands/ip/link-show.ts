/** Which links and addresses `ip link show` and `ip addr show` list: ipaddr_list_flush_or_save of ip/ipaddress.c. */

import { findLink, linksByIndex } from '../../linux/link/find.ts';
import { linkKind } from '../../linux/link/kinds.ts';
import type { Link } from '../../linux/types.ts';
import { Args, duparg2, Exit, invarg, matches } from '../../text/iproute.ts';
import { type AddressFilter, isFlagWord, setFlagWord } from './addr-filter.ts';
import { printAddress, wantsAddress } from './addr-print.ts';
import { deviceToShow, flush, type Ip, printerFor } from './context.ts';
import { USAGE } from './help.ts';
import { printLink, printLinkBrief } from './link-print.ts';
import { printStats } from './link-stats.ts';
import { getPrefix, groupId, scopeId } from './parse.ts';
import { linkType } from './types/index.ts';

/** Reads the selector words into a filter. */
export function parseSelector(ip: Ip, words: readonly string[], doLink: boolean): AddressFilter {
  const family = ip.opts.family === 4 || ip.opts.family === 6 ? ip.opts.family : 0;
  const filter: AddressFilter = { family, now: ip.world.now, flags: new Map() };
  const args = new Args(words);
  for (; args.more; args.skip()) {
    const word = args.word;
    if (word === 'to') {
      if (doLink && args.words[args.at + 1] !== undefined)
        throw new Exit(1, `Error: "${args.next()}" may be inet prefix, but it is not allowed in this context.\n`);
      filter.to = getPrefix(args.next(), filter.family);
      if (filter.family === 0) filter.family = typeof filter.to.ip === 'bigint' ? 6 : 4;
    } else if (word === 'scope') {
      const scope = scopeId(args.next());
      if (scope === null && args.word !== 'all') throw invarg('invalid "scope"\n', args.word);
      if (scope !== null) filter.scope = scope;
    } else if (word === 'up') filter.up = true;
    else if (isFlagWord(word)) setFlagWord(filter, word);
    else if (word === 'label') filter.label = args.next();
    else if (word === 'group') {
      const group = groupId(args.next());
      if (group === null) throw invarg('Invalid "group" value\n', args.word);
      filter.group = group;
    } else if (word === 'master') {
      const master = findLink(ip.ns, args.next());
      if (!master) throw invarg('Device does not exist\n', args.word);
      filter.master = master.ifindex;
    } else if (word === 'nomaster') filter.nomaster = true;
    else if (word === 'vrf') {
      const vrf = findLink(ip.ns, args.next());
      if (vrf?.kind !== 'vrf') throw invarg('Not a valid VRF name\n', args.word);
      filter.master = vrf.ifindex;
    } else if (word === 'type') filter.kind = args.next();
    else {
      const dev = word === 'dev' ? args.next() : word;
      if (word !== 'dev' && matches(word, 'help')) throw new Exit(255, doLink ? USAGE.link : USAGE.address);
      if (filter.dev !== undefined) throw duparg2('dev', dev);
      filter.dev = dev;
    }
  }
  return filter;
}

const shownKind = (link: Link): string => linkType(link.kind)?.shownAs ?? link.kind;

/** Links that the kernel itself filters out of a dump: by master and by kind. */
function kernelFiltered(ip: Ip, link: Link, filter: AddressFilter): boolean {
  if (filter.nomaster && link.master) return true;
  if (filter.master !== undefined && link.master !== filter.master) return true;
  return filter.kind !== undefined && !kindUnknown(filter.kind) && !isKind(ip, link, filter.kind);
}

/** Kinds that mean nothing to the kernel's filter: it sends every link, and iproute2 leaves out what does not fit. */
const kindUnknown = (kind: string): boolean => kind.endsWith(SLAVE) || !linkKind(kind);

/** A port is also of the kind `KIND_slave` of its master. */
function isKind(ip: Ip, link: Link, kind: string): boolean {
  if (!kind.endsWith(SLAVE)) return shownKind(link) === kind;
  const master = ip.ns.links.get(link.master);
  return master !== undefined && `${shownKind(master)}${SLAVE}` === kind;
}

const SLAVE = '_slave';

/** Whether the link itself is shown: print_linkinfo's checks. */
function linkShown(ip: Ip, link: Link, filter: AddressFilter): boolean {
  if (filter.up && !link.up) return false;
  if (filter.group !== undefined && link.group !== filter.group) return false;
  if (filter.master !== undefined && link.master !== filter.master) return false;
  return filter.kind === undefined || isKind(ip, link, filter.kind);
}

/** ipaddr_filter: a link stays when it has an address that fits, or none at all and no family is asked for. */
function hasAddress(link: Link, filter: AddressFilter): boolean {
  if (link.addrs.length === 0) return filter.family === 0;
  return link.addrs.some((a) => wantsAddress(a, filter));
}

const filtersAddresses = (filter: AddressFilter): boolean =>
  filter.family !== 0 ||
  filter.to !== undefined ||
  filter.scope !== undefined ||
  filter.label !== undefined ||
  filter.flags.size > 0;

/** `ip link show` and, with addresses, `ip addr show`. */
export function showLinks(ip: Ip, words: readonly string[], doLink = true): number {
  const filter = parseSelector(ip, words, doLink);
  const p = printerFor(ip);
  const { opts } = ip;
  const withAddresses = !doLink && opts.family !== 'link';
  const only = filter.dev === undefined ? null : deviceToShow(ip, filter.dev);
  // One link alone is asked for by itself; all else is a dump.
  const chosen = only ? [only] : linksByIndex(ip.ns).filter((l) => !kernelFiltered(ip, l, filter));
  const linkLayer = filter.family === 0 || doLink;
  // Listing all links for IPv6, the kernel's IPv6 part describes them, and says less.
  const inet6 = withAddresses && opts.family === 6 && filter.dev === undefined;
  const noLink = filter.label !== undefined && !p.json;
  const lines = withAddresses && opts.oneline;
  for (const link of chosen) {
    if (withAddresses && filtersAddresses(filter) && !hasAddress(link, filter)) continue;
    p.open();
    if (linkShown(ip, link, filter)) {
      if (opts.brief) {
        if (filter.label === undefined || p.json) printLinkBrief(ip, p, link, !withAddresses, inet6);
      } else if (!noLink && !lines) printLink(ip, p, link, { doLink, linkLayer, inet6 });
      if (withAddresses) {
        printAddresses(ip, p, link, filter);
        if (opts.stats && !opts.brief && !opts.oneline && !inet6) {
          printStats(ip, p, link);
          p.fp('\n');
        }
      }
    }
    p.close();
  }
  flush(ip, p);
  return 0;
}

function printAddresses(ip: Ip, p: ReturnType<typeof printerFor>, link: Link, filter: AddressFilter): void {
  p.openArray('addr_info');
  for (const a of link.addrs) {
    if (filter.family !== 0 && (typeof a.local === 'bigint' ? 6 : 4) !== filter.family) continue;
    // iproute2 opens an object for every address, and leaves those it does not show empty.
    p.open();
    if (wantsAddress(a, filter)) printAddress(ip, p, link, a);
    p.close();
  }
  p.close();
  if (ip.opts.brief) p.fp('\n');
}
