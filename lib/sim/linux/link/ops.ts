/** Links as netlink changes them: RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK. net/core/rtnetlink.c, net/core/dev.c. */
import { BROADCAST_MAC, type Mac } from '../../addr/mac.ts';
import { nextU32 } from '../../kernel/rng.ts';
import type { World } from '../../kernel/world.ts';
import { CONF } from '../derived.ts';
import { adoptConf } from '../sysctl/adopt.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, LinkStats, NetNs, NlError } from '../types.ts';
import { recalculateBridge } from './bridge.ts';
import { updateCarrier } from './carrier.ts';
import { findLink, lowerLink } from './find.ts';
import { type Created, isNlError, type LinkKind, type LinkSpec } from './kind.ts';
import { linkKind } from './kinds.ts';
import { fireLinkwatch } from './linkwatch.ts';
import { notifyLink } from './notify.ts';

export { deleteLink } from './delete.ts';
export { findLink } from './find.ts';
export type { LinkSpec } from './kind.ts';
export { type LinkChange, setLink } from './set.ts';

/** IFNAMSIZ less its terminating zero. */
export const NAME_MAX = 15;

/** A random locally administered unicast address: eth_random_addr. */
export function randomMac(world: World): Mac {
  const high = nextU32(world.rng) & 0xffff;
  const low = nextU32(world.rng);
  return ((high & 0xfeff) | 0x0200) * 2 ** 32 + low;
}

const noStats = (): LinkStats => ({
  rxBytes: 0,
  rxPackets: 0,
  rxErrors: 0,
  rxDropped: 0,
  multicast: 0,
  txBytes: 0,
  txPackets: 0,
  txErrors: 0,
  txDropped: 0,
  txCarrier: 0,
  collisions: 0,
});

/** dev_valid_name: no slash, colon or white space, not `.` or `..`, at most 15 characters. */
export const validLinkName = (name: string): boolean =>
  name !== '' && name.length <= NAME_MAX && name !== '.' && name !== '..' && !/[/:\s]/.test(name);

/** A name made from a template, as dev_alloc_name does: the lowest free number. */
function freeName(ns: NetNs, template: string): string {
  for (let i = 0; ; i++) if (!findLink(ns, `${template}${i}`)) return `${template}${i}`;
}

/** The name a request gives: taken as it is, with `%d` filled in, or made from the kind's template. */
function chooseName(ns: NetNs, kind: LinkKind, name: string | undefined): string | NlError {
  if (name === undefined) return freeName(ns, kind.nameTemplate);
  if (/^[^%]*%d[^%]*$/.test(name)) return freeName(ns, name.replace('%d', ''));
  if (name.length > NAME_MAX) return { errno: 'ERANGE', extack: 'Attribute failed policy validation' };
  if (!validLinkName(name)) return { errno: 'EINVAL' };
  return findLink(ns, name) ? { errno: 'EEXIST' } : name;
}

function nextIndex(ns: NetNs, wanted: number | undefined): number | NlError {
  if (wanted !== undefined) return ns.links.has(wanted) ? { errno: 'EEXIST' } : wanted;
  while (ns.links.has(ns.nextIfindex)) ns.nextIfindex++;
  return ns.nextIfindex++;
}

function checkMtu([min, max]: readonly [number, number], mtu: number): NlError | null {
  if (mtu < min) return { errno: 'EINVAL', extack: 'mtu less than device minimum' };
  if (max > 0 && mtu > max) return { errno: 'EINVAL', extack: 'mtu greater than device maximum' };
  return null;
}

/** Whether an address may be a device's own: is_valid_ether_addr. */
export const validMac = (mac: Mac): boolean =>
  mac !== 0 && mac !== BROADCAST_MAC && Math.floor(mac / 2 ** 40) % 2 === 0;

function register(
  world: World,
  ns: NetNs,
  kind: LinkKind,
  spec: LinkSpec,
  name: string,
  made: Created,
): Link | NlError {
  const ifindex = nextIndex(ns, spec.ifindex);
  if (typeof ifindex !== 'number') return ifindex;
  const ether = kind.linkType === 'ether';
  const link: Link = {
    ifindex,
    name,
    kind: kind.kind,
    mac: (made.forceMac ? undefined : spec.mac) ?? made.mac ?? (ether ? randomMac(world) : 0),
    macSet: spec.mac !== undefined,
    mtu: spec.mtu ?? made.mtu ?? kind.mtu,
    up: false,
    carrier: false,
    promisc: 0,
    allmulti: false,
    noarp: made.noarp ?? kind.noarp ?? false,
    multicastOff: false,
    txqlen: spec.txqlen ?? kind.txqlen ?? 1000,
    master: 0,
    lower: made.lower ?? 0,
    addrs: [],
    group: spec.group ?? 0,
    alias: '',
    altnames: [],
    stats: noStats(),
    data: made.data,
    // What comes later has its place from the beginning: links of one shape keep the data path quick.
    port: undefined,
    stacked: undefined,
    rxAt: undefined,
    qdisc: undefined,
    ingressQdisc: undefined,
    tc: undefined,
    lowerNs: undefined,
    ready6: undefined,
    operUp: undefined,
    queuesWait: undefined,
    routerBorn: undefined,
    joins: undefined,
    carrierChanges: undefined,
    [CONF]: undefined,
  };
  if (spec.txQueues !== undefined) link.txQueues = spec.txQueues;
  if (spec.rxQueues !== undefined) link.rxQueues = spec.rxQueues;
  if (spec.brd !== undefined) link.brd = spec.brd;
  if (made.lowerNs !== undefined && made.lowerNs !== ns.id) link.lowerNs = made.lowerNs;
  ns.links.set(ifindex, link);
  world.linkKinds.add(link.kind);
  adoptConf(ns, link);
  link.routerBorn = sysctlNum(ns, `net.ipv6.conf.${name}.forwarding`) !== 0;
  const error = kind.registered?.(world, ns, link, spec) ?? null;
  if (!error) {
    if (kind.kind !== 'veth') notifyLink(world, ns, link);
    return link;
  }
  ns.links.delete(ifindex);
  return error;
}

function prepare(world: World, ns: NetNs, spec: LinkSpec): { kind: LinkKind; name: string; made: Created } | NlError {
  const kind = linkKind(spec.kind);
  if (!kind) return { errno: 'EOPNOTSUPP', extack: 'Unknown device type' };
  if (spec.name !== undefined && spec.name.length > NAME_MAX)
    return { errno: 'ERANGE', extack: 'Attribute failed policy validation' };
  const name = chooseName(ns, kind, spec.name);
  if (isNlError(name)) return name;
  if (spec.mac !== undefined && kind.linkType === 'ether' && !validMac(spec.mac)) return { errno: 'EADDRNOTAVAIL' };
  const bad = spec.mtu === undefined ? null : checkMtu([kind.minMtu, kind.maxMtu], spec.mtu);
  if (bad) return bad;
  const made = kind.create(world, ns, spec);
  return isNlError(made) ? made : { kind, name, made };
}

/** Kinds that take received frames from the device below. */
const STACKED = new Set(['vlan', 'macvlan', 'ipvlan']);

/**
 * Creates a link in `ns`; a veth makes its peer first, as the kernel does (the peer has the lower index). Errors:
 * EEXIST, EOPNOTSUPP (unknown kind), ERANGE (name or MTU), and what the kind refuses.
 */
export function addLink(world: World, ns: NetNs, spec: LinkSpec): Link | NlError {
  if (spec.name !== undefined && findLink(ns, spec.name)) return { errno: 'EEXIST' };
  const plan = prepare(world, ns, spec);
  if (isNlError(plan)) return plan;
  if (spec.kind !== 'veth') {
    const link = register(world, ns, plan.kind, spec, plan.name, plan.made);
    if (isNlError(link)) return link;
    if (link.lower) updateCarrier(world, ns, link);
    const below = STACKED.has(link.kind) ? lowerLink(world, ns, link) : null;
    if (below) below.link.stacked = true;
    return link;
  }
  return addVeth(world, ns, spec);
}

function addVeth(world: World, ns: NetNs, spec: LinkSpec): Link | NlError {
  const peerNs = spec.peerNs ?? ns;
  // veth_open() finds no peer yet: the first of the two cannot be made up.
  if (spec.peer?.up) return { errno: 'ENOTCONN' };
  // Without words of its own the peer is as the link; with some, it takes nothing from it (veth_newlink).
  const peerSpec: LinkSpec = { ...(spec.peer ?? { mtu: spec.mtu }), kind: 'veth' };
  const plan = prepare(world, peerNs, peerSpec);
  if (isNlError(plan)) return plan;
  const peer = register(world, peerNs, plan.kind, peerSpec, plan.name, plan.made);
  if (isNlError(peer)) return peer;
  notifyLink(world, peerNs, peer);
  const own = prepare(world, ns, spec);
  const link = isNlError(own) ? own : register(world, ns, own.kind, spec, own.name, own.made);
  if (isNlError(link)) {
    peerNs.links.delete(peer.ifindex);
    if (peerNs.nextIfindex === peer.ifindex + 1) peerNs.nextIfindex--;
    return link;
  }
  Object.assign(peer.data, { peerNs: ns.id, peerIfindex: link.ifindex });
  Object.assign(link.data, { peerNs: peerNs.id, peerIfindex: peer.ifindex });
  notifyLink(world, ns, link);
  // veth_newlink turns both carriers off once they are registered.
  peer.carrierChanges = 1;
  link.carrierChanges = 1;
  fireLinkwatch(world, peerNs, peer);
  fireLinkwatch(world, ns, link);
  if (peerNs === ns) {
    peer.lower = link.ifindex;
    link.lower = peer.ifindex;
  }
  return link;
}

/** The least and the greatest MTU of a device, 0 for no bound. */
export const mtuBounds = (kind: LinkKind, link: Link): [number, number] =>
  kind.mtuBounds?.(link) ?? [kind.minMtu, kind.maxMtu];

/** Checks and sets an MTU, with what follows on devices above: dev_set_mtu. */
export function setMtu(world: World, ns: NetNs, link: Link, kind: LinkKind, mtu: number): NlError | null {
  const bad = checkMtu(mtuBounds(kind, link), mtu) ?? kind.mtuError?.(link, mtu);
  if (bad) return bad;
  const lower = link.kind === 'vlan' || link.kind === 'macvlan' ? lowerLink(world, ns, link) : null;
  if (lower && mtu > lower.link.mtu) return link.kind === 'vlan' ? { errno: 'ERANGE' } : { errno: 'EINVAL' };
  link.mtu = mtu;
  if (link.data.type === 'bridge') (link.data as { opts: Record<string, number> }).opts.mtu_set = 1;
  const bridge = link.port ? ns.links.get(link.master) : undefined;
  if (bridge) recalculateBridge(ns, bridge);
  return null;
}
