/** kube-ipvs0, the device that holds the Services' addresses. Source: kubernetes/kubernetes pkg/proxy/ipvs/netlink_linux.go of 1.34. */
import { bitsOf, formatIp, type Ip, inPrefix, isLoopback, parseIp } from '../../../addr/ip.ts';
import type { World } from '../../../kernel/world.ts';
import { addAddress, deleteAddress } from '../../../linux/addr/ops.ts';
import { addLink, deleteLink, findLink } from '../../../linux/link/ops.ts';
import type { Link, NetNs } from '../../../linux/types.ts';
import type { ProxyFamily } from '../mode.ts';

const DEVICE = 'kube-ipvs0';

/** The device, made when it is missing: a dummy that stays down, for its addresses are local all the same. Null when it cannot be made. */
export function ensureDevice(world: World, ns: NetNs): Link | null {
  const found = findLink(ns, DEVICE);
  if (found) return found;
  const made = addLink(world, ns, { kind: 'dummy', name: DEVICE });
  return 'errno' in made ? null : made;
}

/** Takes the device away with its addresses. */
export function deleteDevice(world: World, ns: NetNs): void {
  const link = findLink(ns, DEVICE);
  if (link?.kind === 'dummy') deleteLink(world, ns, link);
}

const LINK_LOCAL = { ip: 0xfe80n << 112n, len: 10 };

/** Whether an address counts as one of the node's: of the family, neither loopback nor IPv6 link-local. */
const counts = (ip: Ip, family: ProxyFamily): boolean =>
  (typeof ip === 'number') === (family === 'ip') && !isLoopback(ip) && !inPrefix(ip, LINK_LOCAL);

const addressesOf = (links: Iterable<Link>, family: ProxyFamily): Set<string> =>
  new Set(
    [...links]
      .flatMap((link) => link.addrs.map((a) => a.local))
      .filter((ip) => counts(ip, family))
      .map((ip) => formatIp(ip)),
  );

/** The addresses on the device. */
export const boundAddresses = (device: Link, family: ProxyFamily): Set<string> => addressesOf([device], family);

/** The addresses of every other device. */
export const nodeAddresses = (ns: NetNs, device: Link, family: ProxyFamily): Set<string> =>
  addressesOf(
    [...ns.links.values()].filter((link) => link !== device),
    family,
  );

/** Gives the device an address of its own, /32 or /128. False when the kernel refuses it. */
export function bindAddress(world: World, ns: NetNs, device: Link, text: string): boolean {
  const ip = parseIp(text);
  if (ip === null) return false;
  const refused = addAddress(world, ns, device, { local: ip, len: bitsOf(ip) });
  return refused === null || refused.errno === 'EEXIST';
}

/** Takes an address off the device. */
export function unbindAddress(world: World, ns: NetNs, device: Link, text: string): void {
  const ip = parseIp(text);
  if (ip !== null) deleteAddress(world, ns, device, { local: ip, len: bitsOf(ip) });
}
