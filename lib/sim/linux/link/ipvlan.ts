import type { World } from '../../kernel/world.ts';
import type { Link, NetNs, OtherLinkData } from '../types.ts';
import { lowerLink, upperLinks } from './find.ts';
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
    const at = under.lowerNs === undefined ? ns : (world.netns.get(under.lowerNs) as NetNs);
    const sibling = siblingsOf(world, at, under.lower)[0];
    const port = (sibling?.link.data as OtherLinkData | undefined) ?? { mode: 'l3', flag: 'bridge' };
    const created: Created = {
      data: { type: 'ipvlan', mode: String(port.mode), flag: String(port.flag), perm: under.lower.mac },
      // Whatever address was asked for.
      mac: under.lower.mac,
      forceMac: true,
      mtu: under.lower.mtu,
      lower: under.lower.ifindex,
    };
    if (under.lowerNs !== undefined) created.lowerNs = under.lowerNs;
    return created;
  },
  registered: (world, ns, link, spec) => {
    const { mode, flag } = spec.data ?? {};
    setPort(world, ns, link, { mode: mode ?? 'l3', ...(flag === undefined ? {} : { flag }) }, link);
    return null;
  },
  change: (world, ns, link, data) => {
    setPort(world, ns, link, data);
    return null;
  },
});

const siblingsOf = (world: World, at: NetNs, lower: Link) =>
  upperLinks(world, at, lower).filter((u) => u.link.kind === 'ipvlan');

/** Mode and flags belong to the parent's port, so to every sibling; L3 modes turn their ARP off (ipvlan_set_port_mode). */
function setPort(world: World, ns: NetNs, link: Link, given: Record<string, unknown>, made?: Link): void {
  const lower = lowerLink(world, ns, link);
  if (!lower) return;
  const siblings = siblingsOf(world, lower.ns, lower.link);
  const changed = given.mode !== undefined && given.mode !== (link.data as OtherLinkData).mode;
  for (const { link: sibling } of siblings) {
    Object.assign(sibling.data, given);
    if (changed && sibling !== made) sibling.noarp = given.mode !== 'l2';
  }
}
