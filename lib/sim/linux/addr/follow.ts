/** What addresses do when their link comes up: inetdev_event and fib_netdev_event, NETDEV_UP. */
import { parseIp4 } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { reviveNexthops } from '../route/sync.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs } from '../types.ts';
import { addAddress6 } from './ipv6.ts';
import { addAddress, addAddressRoutes } from './ops.ts';

/** `lo` gets 127.0.0.1/8 (and ::1/128) the first time it comes up. */
export function loopbackAddresses(world: World, ns: NetNs, link: Link): void {
  if (link.kind !== 'loopback') return;
  if (!link.addrs.some((a) => typeof a.local === 'number'))
    addAddress(world, ns, link, { local: parseIp4('127.0.0.1') as number, len: 8, scope: 254 });
  if (sysctlNum(ns, 'net.ipv6.conf.lo.disable_ipv6') === 0 && !link.addrs.some((a) => a.local === 1n)) {
    addAddress6(world, ns, link, {
      local: 1n,
      len: 128,
      peer: null,
      broadcast: null,
      scope: 254,
      label: '',
      flags: [],
      validUntil: null,
      preferredUntil: null,
      metric: 0,
      proto: 0,
    });
  }
}

/** Connected and broadcast routes of a link that came up; nexthops over it live again. */
export function addressesFollowLink(_world: World, ns: NetNs, link: Link): void {
  for (const address of link.addrs) if (typeof address.local === 'number') addAddressRoutes(ns, link, address);
  reviveNexthops(ns, link.ifindex, !link.carrier);
}
