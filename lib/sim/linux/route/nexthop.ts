/** Checks of a nexthop: fib_check_nh and its parts, ip6_route_check_nh. net/ipv4/fib_semantics.c. */
import { isMulticast } from '../../addr/ip.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { NetNs, NextHop, NlError, Route } from '../types.ts';
import { type FibResult, fibLookup, lookupTable } from './fib.ts';
import { addressType } from './lookup.ts';
import type { NextHopSpec } from './ops.ts';
import { SCOPE_HOST, SCOPE_LINK, TABLE_MAIN } from './table.ts';

const INVALID_GATEWAY = 'Nexthop has invalid gateway';

const nexthop = (spec: NextHopSpec, dev: number, linkdown: boolean): NextHop => ({
  gateway: spec.gateway ?? null,
  dev,
  weight: spec.weight ?? 1,
  onlink: spec.onlink ?? false,
  dead: false,
  linkdown,
});

const ipv6Disabled = (ns: NetNs, dev: number | undefined): boolean => {
  const name = dev ? ns.links.get(dev)?.name : undefined;
  return name !== undefined && sysctlNum(ns, `net.ipv6.conf.${name}.disable_ipv6`) !== 0;
};

/** The nexthop of a route being made, its device found by the gateway when none is named. */
export function checkNexthop(ns: NetNs, route: Route, spec: NextHopSpec): NextHop | NlError {
  if (typeof route.dst.ip === 'bigint') return check6(ns, spec);
  if (typeof spec.gateway === 'bigint' && ipv6Disabled(ns, spec.dev))
    return { errno: 'EINVAL', extack: 'IPv6 is disabled on nexthop device' };
  if (route.scope === SCOPE_HOST) {
    if (spec.gateway != null) return { errno: 'EINVAL', extack: 'Route with host scope can not have a gateway' };
    return spec.dev && ns.links.has(spec.dev) ? nexthop(spec, spec.dev, false) : { errno: 'ENODEV' };
  }
  if (!spec.gateway) return onLink(ns, { ...spec, gateway: null });
  return spec.onlink ? gatewayOnLink(ns, route, spec) : gateway(ns, route, spec);
}

function onLink(ns: NetNs, spec: NextHopSpec): NextHop | NlError {
  if (spec.onlink)
    return { errno: 'EINVAL', extack: 'Invalid flags for nexthop - PERVASIVE and ONLINK can not be set' };
  const link = spec.dev ? ns.links.get(spec.dev) : undefined;
  if (!link) return { errno: 'ENODEV' };
  if (!link.up) return { errno: 'ENETDOWN', extack: 'Device for nexthop is not up' };
  return nexthop(spec, link.ifindex, !link.carrier);
}

function gatewayOnLink(ns: NetNs, route: Route, spec: NextHopSpec): NextHop | NlError {
  if (route.scope >= SCOPE_LINK) return { errno: 'EINVAL', extack: 'Nexthop has invalid scope' };
  const link = spec.dev ? ns.links.get(spec.dev) : undefined;
  if (!link) return { errno: 'ENODEV', extack: 'Nexthop device required for onlink' };
  if (!link.up) return { errno: 'ENETDOWN', extack: 'Nexthop device is not up' };
  if (spec.gateway != null && addressType(ns, spec.gateway) !== 'unicast')
    return { errno: 'EINVAL', extack: INVALID_GATEWAY };
  return nexthop(spec, link.ifindex, !link.carrier);
}

function gateway(ns: NetNs, route: Route, spec: NextHopSpec): NextHop | NlError {
  const scope = Math.max(route.scope + 1, SCOPE_LINK);
  if (spec.gateway == null) return { errno: 'EINVAL' };
  const flow = spec.dev ? { dst: spec.gateway, oif: spec.dev } : { dst: spec.gateway };
  const options = { scope, ignoreLinkstate: true };
  let found: FibResult = { ok: false, errno: 'EAGAIN' };
  if (route.table !== TABLE_MAIN) found = lookupTable(ns, route.table, flow, options);
  if (!found.ok) found = fibLookup(ns, flow, options);
  if (!found.ok) return { errno: found.errno, extack: INVALID_GATEWAY };
  if (found.type !== 'unicast' && found.type !== 'local') return { errno: 'EINVAL', extack: INVALID_GATEWAY };
  const link = ns.links.get(found.nexthop?.dev ?? 0);
  if (!link) return { errno: 'ENODEV', extack: 'No egress device for nexthop gateway' };
  if (!link.up) return { errno: 'ENETDOWN' };
  return nexthop(spec, link.ifindex, !link.carrier);
}

function check6(ns: NetNs, spec: NextHopSpec): NextHop | NlError {
  const named = spec.dev ? ns.links.get(spec.dev) : undefined;
  if (spec.dev && !named) return { errno: 'ENODEV' };
  if (spec.gateway == null && ipv6Disabled(ns, spec.dev))
    return { errno: 'EACCES', extack: 'IPv6 is disabled on nexthop device' };
  if (spec.gateway == null) {
    if (!named) return { errno: 'ENODEV' };
    if (!named.up) return { errno: 'ENETDOWN', extack: 'Nexthop device is not up' };
    return nexthop(spec, named.ifindex, !named.carrier);
  }
  if (addressType(ns, spec.gateway) === 'local')
    return { errno: 'EINVAL', extack: 'Gateway can not be a local address' };
  const linkLocal = typeof spec.gateway === 'bigint' && spec.gateway >> 118n === 0x3fan;
  if (linkLocal && !named) return { errno: 'EINVAL', extack: 'Egress device not specified' };
  if (!spec.gateway || isMulticast(spec.gateway)) return { errno: 'EINVAL', extack: 'Invalid gateway address' };
  if (named && (linkLocal || spec.onlink))
    return named.up ? nexthop(spec, named.ifindex, !named.carrier) : { errno: 'ENETDOWN' };
  const found = fibLookup(ns, spec.dev ? { dst: spec.gateway, oif: spec.dev } : { dst: spec.gateway });
  if (!found.ok || found.nexthop?.gateway != null) return { errno: 'EHOSTUNREACH' };
  const link = ns.links.get(found.nexthop?.dev ?? 0);
  if (!link) return { errno: 'EHOSTUNREACH' };
  return nexthop(spec, link.ifindex, !link.carrier);
}
