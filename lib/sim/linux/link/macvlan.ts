import type { World } from '../../kernel/world.ts';
import type { Link, NetNs, NlError, OtherLinkData } from '../types.ts';
import { lowerLink, upperLinks } from './find.ts';
import { type Created, defineLinkKind, type LinkSpec } from './kind.ts';

/** macvlan's and ipvlan's common part: a lower device that no other rx_handler (bridge, the other of the two) has taken. */
export function stackOn(
  world: World,
  ns: NetNs,
  spec: LinkSpec,
  rival: string,
): { lower: NonNullable<ReturnType<NetNs['links']['get']>>; lowerNs?: number } | NlError {
  const at = spec.lowerNs ?? ns;
  if (!spec.lower) return { errno: 'EINVAL' };
  let lower = at.links.get(spec.lower);
  if (!lower) return { errno: 'ENODEV' };
  let where = at;
  if (lower.kind === spec.kind) {
    const below = lowerLink(world, at, lower);
    if (!below) return { errno: 'ENODEV' };
    lower = below.link;
    where = below.ns;
  }
  if (lower.data.type === 'loopback') return { errno: 'EINVAL' };
  if (lower.port || upperLinks(world, where, lower).some((u) => u.link.kind === rival)) return { errno: 'EBUSY' };
  return where === ns ? { lower } : { lower, lowerNs: where.id };
}

/** One address for both: what is set on one is set on the other (macvlan_set_mac_address). */
export const isPassthru = (link: Link): boolean =>
  link.kind === 'macvlan' && (link.data as { mode?: string }).mode === 'passthru';

/** Gives each Pod a MAC address of its own on the parent's network: drivers/net/macvlan.c. */
export const macvlan = defineLinkKind({
  kind: 'macvlan',
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  mtu: 1500,
  minMtu: 68,
  maxMtu: 65535,
  queues: 1,
  nameTemplate: 'macvlan',
  watched: true,
  movable: true,
  carrier: (world, ns, link) => {
    const lower = lowerLink(world, ns, link)?.link;
    return (lower?.up && lower.carrier) ?? false;
  },
  create: (world, ns, spec): Created | NlError => {
    const under = stackOn(world, ns, spec, 'ipvlan');
    if ('errno' in under) return under;
    const mode = (spec.data?.mode as string | undefined) ?? 'vepa';
    const at = under.lowerNs === undefined ? ns : (world.netns.get(under.lowerNs) as NetNs);
    if ((spec.mtu ?? 0) > under.lower.mtu) return { errno: 'EINVAL' };
    const others = upperLinks(world, at, under.lower).filter((u) => u.link.kind === 'macvlan');
    if (
      mode === 'passthru'
        ? others.length > 0
        : others.some((o) => (o.link.data as { mode?: string }).mode === 'passthru')
    ) {
      return { errno: 'EINVAL' };
    }
    const created: Created = {
      data: { type: 'macvlan', mode, bcqueuelen: (spec.data?.bcqueuelen as number | undefined) ?? 1000 },
      mtu: under.lower.mtu,
      lower: under.lower.ifindex,
    };
    if (mode === 'passthru') created.mac = under.lower.mac;
    if (under.lowerNs !== undefined) created.lowerNs = under.lowerNs;
    return created;
  },
  registered: (world, ns, link) => {
    // eth_hw_addr_inherit: whatever address was asked for, passthru has the lower device's.
    const below = isPassthru(link) ? lowerLink(world, ns, link) : null;
    if (below) link.mac = below.link.mac;
    return null;
  },
  change: (_world, _ns, link, data) => {
    const own = link.data as OtherLinkData;
    // Into passthru and out of it there is no way.
    if (typeof data.mode === 'string' && (data.mode === 'passthru') !== (own.mode === 'passthru'))
      return { errno: 'EINVAL' };
    if (typeof data.mode === 'string') own.mode = data.mode;
    if (typeof data.bcqueuelen === 'number') own.bcqueuelen = data.bcqueuelen;
    return null;
  },
});
