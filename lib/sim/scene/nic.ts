import { broadcast4, formatIp, parsePrefix } from '../addr/ip.ts';
import type { Host, Segment, World } from '../kernel/world.ts';
import { addAddress } from '../linux/addr/ops.ts';
import { isNlError } from '../linux/link/kind.ts';
import { addLink, setLink } from '../linux/link/ops.ts';
import { addRoute } from '../linux/route/ops.ts';
import type { Link } from '../linux/types.ts';

/** Plugs `eth0` of a host into a network. */
export function plugIn(world: World, host: Host, segment: Segment): Link {
  const ns = world.netns.get(host.rootNs);
  const nic = ns && addLink(world, ns, { kind: 'phys', name: 'eth0', data: { segment: segment.id } });
  if (!ns || !nic || isNlError(nic)) throw new Error(`${host.name} cannot have eth0`);
  setLink(world, ns, nic, { up: true });
  return nic;
}

/** Gives a host's link an address (`10.0.0.1/24`), ready at once. */
export function giveAddress(world: World, host: Host, nic: Link, address: string): void {
  const ns = world.netns.get(host.rootNs);
  const prefix = parsePrefix(address);
  if (!ns || !prefix) throw new Error(`bad address ${address}`);
  const { ip, len } = prefix;
  const more = typeof ip === 'number' ? { broadcast: broadcast4(ip, len) } : { flags: ['nodad'] };
  addAddress(world, ns, nic, { local: ip, len, ...more });
}

/** Gives a host the default route of a gateway's family. */
export function giveGateway(world: World, host: Host, nic: Link, gateway: string): void {
  const ns = world.netns.get(host.rootNs);
  const via = parsePrefix(gateway)?.ip;
  if (!ns || via === undefined) throw new Error(`bad gateway ${gateway}`);
  const dst = typeof via === 'number' ? { ip: 0, len: 0 } : { ip: 0n, len: 0 };
  addRoute(world, ns, { dst, nexthops: [{ gateway: via, dev: nic.ifindex }] }, 'add');
}

/** An address without its prefix length. */
export const bare = (address: string): string => formatIp(parsePrefix(address)?.ip ?? 0);
