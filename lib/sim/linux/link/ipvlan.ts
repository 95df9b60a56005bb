import type { OtherLinkData } from '../types.ts';
import { upperLinks } from './find.ts';
import { type Created, defineLinkKind } from './kind.ts';
import { stackOn } from './macvlan.ts';

/** Gives Pods addresses behind the parent's own MAC address: drivers/net/ipvlan/. */
export const ipvlan = defineLinkKind({
  kind: 'ipvlan',
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  mtu: 1500,
  minMtu: 68,
  maxMtu: 65535,
  queues: 1,
  nameTemplate: 'ipvlan',
  watched: false,
  movable: true,
  carrier: () => true,
  create: (world, ns, spec) => {
    const under = stackOn(world, ns, spec, 'macvlan');
    if ('errno' in under) return under;
    const mode = (spec.data?.mode as string | undefined) ?? 'l3';
    const created: Created = {
      data: { type: 'ipvlan', mode, flag: (spec.data?.flag as string | undefined) ?? 'bridge' },
      mac: under.lower.mac,
      mtu: under.lower.mtu,
      lower: under.lower.ifindex,
    };
    if (under.lowerNs !== undefined) created.lowerNs = under.lowerNs;
    return created;
  },
  // The mode belongs to the port: a new one is every sibling's (ipvlan_set_port_mode). L3 modes turn ARP off at open.
  registered: (world, ns, link) => {
    const at = link.lowerNs === undefined ? ns : world.netns.get(link.lowerNs);
    const lower = at?.links.get(link.lower);
    if (!at || !lower) return null;
    const mode = String((link.data as OtherLinkData).mode);
    for (const sibling of upperLinks(world, at, lower)) {
      if (sibling.link.kind !== 'ipvlan' || sibling.link === link) continue;
      (sibling.link.data as OtherLinkData).mode = mode;
      sibling.link.noarp = mode !== 'l2';
    }
    return null;
  },
});
