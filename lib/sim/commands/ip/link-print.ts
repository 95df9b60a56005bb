/** One link as `ip link` and `ip addr` print it: print_linkinfo of ip/ipaddress.c. */
import { formatIp, type Ip4 } from '../../addr/ip.ts';
import { BROADCAST_MAC, formatMac } from '../../addr/mac.ts';
import { iflink, linkName } from '../../linux/link/find.ts';
import { linkFlags, operState } from '../../linux/link/flags.ts';
import { kindOf } from '../../linux/link/kinds.ts';
import { isIpTunnel, type TunnelData, tunnelOf } from '../../linux/link/tunnel.ts';
import { nsidOf } from '../../linux/netns/nsid.ts';
import type { Link } from '../../linux/types.ts';
import type { Colour, Printer } from '../../text/iproute.ts';
import type { Ip } from './context.ts';
import { printLinkDetails } from './link-details.ts';
import { printStats } from './link-stats.ts';
import { namedNetns } from './netns.ts';
import { groupName, linkTypeName } from './parse.ts';

export interface LinkPrintOptions {
  /** `ip link` (else `ip addr`). */
  doLink: boolean;
  /** Whether the link layer is shown: no family asked for, or -d. */
  linkLayer: boolean;
  /** As the kernel's IPv6 part describes it: no queueing, group, master nor where the other end is. */
  inet6?: boolean;
  /** From an event: as it stood then, and without asking for its queue's length. `gone`: nothing is beneath it. */
  event?: { flags: readonly string[]; state: string; gone: boolean };
}

const STATE_COLOURS: Readonly<Record<string, Colour>> = { UP: 'up', DOWN: 'down' };

/** Name with what it stands on, `veth0@veth1` or `eth0@if7`, and whether that is down. */
function nameAndLink(
  ip: Ip,
  link: Link,
  inet6 = false,
  gone = false,
): { text: string; json: Record<string, string | number | null>; mDown: boolean } {
  const at = gone ? null : iflink(ip.world, ip.ns, link);
  if (!at && link.data.type === 'veth') return { text: `${link.name}@NONE`, json: { link: null }, mDown: false };
  if (tunnelOf(link) && !link.lower) return { text: `${link.name}@NONE`, json: { link: null }, mDown: false };
  if (inet6 && at?.ifindex === link.ifindex) return { text: link.name, json: {}, mDown: false };
  if (!at) return { text: link.name, json: {}, mDown: false };
  if (at.ns !== ip.ns.id && !inet6)
    return { text: `${link.name}@if${at.ifindex}`, json: { link_index: at.ifindex }, mDown: false };
  const name = linkName(ip.ns, at.ifindex);
  return { text: `${link.name}@${name}`, json: { link: name }, mDown: !ip.ns.links.get(at.ifindex)?.up };
}

/** The link's hardware address, or a tunnel's local end. */
export function hardwareAddress(link: Link): string {
  return isIpTunnel(link) ? formatIp((link.data as TunnelData).local) : formatMac(link.mac);
}

/** Broadcast address, or a tunnel's remote end. */
export function hardwareBroadcast(link: Link): string {
  if (isIpTunnel(link)) return formatIp((link.data as TunnelData).remote as Ip4);
  return formatMac(link.brd ?? (link.kind === 'loopback' ? 0 : BROADCAST_MAC));
}

function printFlags(p: Printer, flags: readonly string[]): void {
  p.openArray('flags');
  for (const f of flags) p.js(null, f);
  p.close();
  p.fp(`<${flags.join(',')}> `);
}

/** `-br`: one line with name, state, and for `ip link` address and flags. */
export function printLinkBrief(ip: Ip, p: Printer, link: Link, doLink: boolean, inet6 = false): void {
  const { text, json, mDown } = nameAndLink(ip, link, inet6);
  for (const [key, value] of Object.entries(json)) p.js(key, value);
  p.any('ifname', link.name, `${text.padEnd(16)} `, 'ifname');
  const state = operState(ip.world, ip.ns, link);
  p.any('operstate', state, `${state.padEnd(14)} `, STATE_COLOURS[state]);
  if (!doLink) return;
  const address = hardwareAddress(link);
  if (kindOf(link).linkType !== 'none') p.any('address', address, `${address} `, 'mac');
  printFlags(p, [...linkFlags(ip.world, ip.ns, link), ...(mDown ? ['M-DOWN'] : [])]);
  p.fp('\n');
}

function printNetns(ip: Ip, p: Printer, link: Link): void {
  const at = iflink(ip.world, ip.ns, link);
  if (!at || at.ns === ip.ns.id) return;
  const id = nsidOf(ip.ns, at.ns);
  const name = namedNetns(ip).find((n) => n.netns === at.ns)?.name;
  p.any('link_netnsid', id, name ? ` link-netns ${name}` : ` link-netnsid ${id}`);
}

/** The whole description of a link, its newline included. */
export function printLink(ip: Ip, p: Printer, link: Link, options: LinkPrintOptions): void {
  const { opts, ns, world } = ip;
  const { inet6 = false } = options;
  const { event } = options;
  const { text, json, mDown } = nameAndLink(ip, link, inet6, event?.gone);
  p.any('ifindex', link.ifindex, `${link.ifindex}: `);
  for (const [key, value] of Object.entries(json)) p.js(key, value);
  p.any('ifname', link.name, `${text}: `, 'ifname');
  printFlags(p, [...(event?.flags ?? linkFlags(world, ns, link)), ...(mDown ? ['M-DOWN'] : [])]);
  p.any('mtu', link.mtu, `mtu ${link.mtu} `);
  const qdisc = link.qdisc ?? 'noop';
  if (!inet6) p.any('qdisc', qdisc, `qdisc ${qdisc} `);
  if (link.master && !inet6) p.any('master', linkName(ns, link.master), `master ${linkName(ns, link.master)} `);
  const state = event?.state ?? operState(world, ns, link);
  p.fp('state ');
  p.any('operstate', state, `${state} `, STATE_COLOURS[state]);
  const mode = link.linkMode ?? 'DEFAULT';
  if (options.doLink) p.any('linkmode', mode, `mode ${mode} `);
  const group = groupName(link.group, opts.numeric);
  if (!inet6) p.any('group', group, `group ${group} `);
  if (link.txqlen && !event) p.any('txqlen', link.txqlen, `qlen ${link.txqlen}`);
  if (options.linkLayer || opts.details) {
    p.fp(p.nl);
    const { linkType } = kindOf(link);
    const type = linkTypeName(linkType, opts.numeric);
    p.any('link_type', type, `    link/${type} `);
    if (linkType !== 'none') printHardware(p, link, inet6);
  }
  if (!inet6) printNetns(ip, p, link);
  if (link.protodown && !inet6) p.any('proto_down', true, ' protodown on ');
  if (opts.details && !inet6) printLinkDetails(ip, p, link, options.doLink);
  if ((options.doLink || opts.details) && link.alias) {
    p.fp(p.nl);
    p.any('ifalias', link.alias, `    alias ${link.alias}`);
  }
  if (options.doLink && opts.stats) {
    p.fp(p.nl);
    printStats(ip, p, link);
  }
  if (link.altnames.length > 0) {
    p.openArray('altnames');
    for (const name of link.altnames) {
      p.fp(p.nl);
      p.any(null, name, `    altname ${name}`);
    }
    p.close();
  }
  p.fp('\n');
}

/** Its own link-layer address, and that of the other end or of all. */
function printHardware(p: Printer, link: Link, inet6: boolean): void {
  p.any('address', hardwareAddress(link), hardwareAddress(link), 'mac');
  if (inet6) return;
  const remote = (link.data as Partial<TunnelData>).remote;
  const pointToPoint = isIpTunnel(link) && !!remote;
  if (pointToPoint) p.js('link_pointtopoint', true);
  p.fp(pointToPoint ? ' peer ' : ' brd ');
  p.any('broadcast', hardwareBroadcast(link), hardwareBroadcast(link), 'mac');
  // An ipvlan's address at its birth counts as its permanent one; it follows its parent's later ones.
  const { perm } = link.data as { perm?: number };
  if (perm === undefined || perm === link.mac) return;
  p.fp(' permaddr ');
  p.any('permaddr', formatMac(perm), formatMac(perm), 'mac');
}
