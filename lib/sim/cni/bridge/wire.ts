/** The links that the bridge plugin makes. Source: containernetworking/plugins plugins/main/bridge, pkg/ip/link_linux.go. */
import { broadcast4, formatIp, type Ip, parsePrefix } from '../../addr/ip.ts';
import { formatMac, type Mac } from '../../addr/mac.ts';
import { nextU32 } from '../../kernel/rng.ts';
import type { World } from '../../kernel/world.ts';
import { addAddress } from '../../linux/addr/ops.ts';
import { isNlError } from '../../linux/link/kind.ts';
import { addLink, deleteLink, findLink, setLink } from '../../linux/link/ops.ts';
import { addRoute } from '../../linux/route/ops.ts';
import type { Link, NetNs, NlError } from '../../linux/types.ts';
import { strerror } from '../../shell/vfs/errno.ts';
import { type CniIp, type CniRoute, internal } from '../contract.ts';

const text = (error: NlError): string => strerror(error.errno).toLowerCase();

/** The bridge, made when it is not there, and up. */
export function ensureBridge(world: World, ns: NetNs, name: string, mtu: number, promisc: boolean): Link {
  const known = findLink(ns, name);
  if (known && known.kind !== 'bridge') throw internal(`"${name}" already exists but is not a bridge`);
  const made = known ?? addLink(world, ns, { kind: 'bridge', name, ...(mtu > 0 ? { mtu } : {}) });
  if (isNlError(made)) throw internal(`could not add "${name}": ${text(made)}`);
  setLink(world, ns, made, { up: true, ...(promisc ? { promisc: true } : {}) });
  return made;
}

export interface Pair {
  host: Link;
  container: Link;
}

/** A veth pair from the host to the container's namespace, the host's end a port of the bridge. */
export function setupVeth(
  world: World,
  hostNs: NetNs,
  ns: NetNs,
  bridge: Link,
  ifname: string,
  mtu: number,
  hairpin: boolean,
  queue: { txqlen?: number },
): Pair {
  if (findLink(ns, ifname)) throw internal(`container veth name provided (${ifname}) already exists`);
  const name = `veth${nextU32(world.rng).toString(16).padStart(8, '0')}`;
  const made = addLink(world, ns, {
    kind: 'veth',
    name: ifname,
    ...(mtu > 0 ? { mtu } : {}),
    ...queue,
    peer: { name, ...(mtu > 0 ? { mtu } : {}) },
    peerNs: hostNs,
  });
  if (isNlError(made)) throw internal(`failed to make veth pair: ${text(made)}`);
  const host = findLink(hostNs, name);
  if (!host) throw internal(`failed to lookup "${name}" in "${hostNs.label}": Link not found`);
  setLink(world, hostNs, host, { up: true });
  const error = setLink(world, hostNs, host, { master: bridge.ifindex });
  if (error) throw internal(`failed to connect "${name}" to bridge ${bridge.name}: ${text(error)}`);
  if (hairpin && host.port) host.port.hairpin = true;
  return { host, container: made };
}

/**
 * Gives the bridge its gateway address and pins its MAC address, so that it no longer follows its ports: to `mac`, the one it had
 * before the container's port joined.
 */
export function ensureGateway(world: World, ns: NetNs, bridge: Link, gateway: Ip, len: number, mac: Mac): void {
  const same = bridge.addrs.find((a) => a.local === gateway && a.len === len);
  const other = bridge.addrs.find((a) => typeof a.local === typeof gateway && a.scope === 0 && a.local !== gateway);
  if (!same && other)
    throw internal(`"${bridge.name}" already has an IP address different from ${formatIp(gateway)}/${len}`);
  if (!same) {
    const error = addAddress(world, ns, bridge, {
      local: gateway,
      len,
      ...(typeof gateway === 'number' ? { broadcast: broadcast4(gateway, len) } : {}),
    });
    if (error) throw internal(`could not add IP address to "${bridge.name}": ${text(error)}`);
  }
  setLink(world, ns, bridge, { mac });
}

/** Brings the container's end up and gives it addresses and routes. */
export function configureContainer(
  world: World,
  ns: NetNs,
  link: Link,
  ips: readonly CniIp[],
  routes: readonly CniRoute[],
): void {
  setLink(world, ns, link, { up: true });
  for (const { address } of ips) {
    const prefix = parsePrefix(address);
    if (!prefix) throw internal(`invalid CIDR address: ${address}`);
    const error = addAddress(world, ns, link, {
      local: prefix.ip,
      len: prefix.len,
      ...(typeof prefix.ip === 'number' ? { broadcast: broadcast4(prefix.ip, prefix.len) } : {}),
    });
    if (error)
      throw internal(`failed to add IP addr {"interface":2,"address":"${address}"} to "${link.name}": ${text(error)}`);
  }
  for (const { dst, gw } of routes) {
    const prefix = parsePrefix(dst);
    if (!prefix) throw internal(`invalid CIDR address: ${dst}`);
    const family = typeof prefix.ip;
    const via = gw ?? ips.find((ip) => typeof parsePrefix(ip.address)?.ip === family)?.gateway;
    const gateway = via === undefined ? null : (parsePrefix(via)?.ip ?? null);
    const error = addRoute(world, ns, { dst: prefix, nexthops: [{ gateway, dev: link.ifindex }] }, 'add');
    if (error && error.errno !== 'EEXIST')
      throw internal(`failed to add route '${dst} via ${via ?? ''} dev ${link.name}': ${text(error)}`);
  }
}

/** Removes the container's end (and so the pair). Nothing happens when it is gone. */
export function removeVeth(world: World, ns: NetNs, ifname: string): void {
  const link = findLink(ns, ifname);
  if (link) deleteLink(world, ns, link);
}

export const macText = (link: Link): string => formatMac(link.mac);
