import { ETH_QINQ, ETH_VLAN } from '../../packet/packet.ts';
import type { Link } from '../types.ts';
import { lowerLink, portsOf } from './find.ts';
import { defineLinkKind } from './kind.ts';

export interface VlanData {
  type: 'vlan';
  id: number;
  protocol: '802.1Q' | '802.1ad';
  /** reorder_hdr, gvrp, mvrp, loose_binding, bridge_binding: VLAN_FLAG_*. */
  flags: Record<string, boolean>;
  /** VLAN priority of received frames to skb->priority, and the reverse. */
  ingress: readonly [number, number][];
  egress: readonly [number, number][];
  [key: string]: unknown;
}

/** The vlan part of a link, or null. */
export const vlanOf = (link: Link): VlanData | null => (link.kind === 'vlan' ? (link.data as VlanData) : null);

/** The protocol number in a vlan's tags, 0 for other links. */
export const vlanTpid = (link: Link): number => {
  const data = vlanOf(link);
  return data ? (data.protocol === '802.1ad' ? ETH_QINQ : ETH_VLAN) : 0;
};

type QosMap = readonly [number, number][];

/** Later entries replace earlier ones of the same priority; zero means none. */
function merged(old: QosMap, added: QosMap, bits: number): QosMap {
  const all = new Map(old);
  for (const [from, to] of added) all.set(from & bits, to);
  return [...all].filter(([, to]) => to !== 0).sort(([a], [b]) => (a & 15) - (b & 15));
}

/** vlan_changelink: flags and priority maps; the id and the protocol are passed over. */
function changed(data: VlanData, given: Record<string, unknown>): VlanData {
  return {
    ...data,
    flags: { ...data.flags, ...(given.flags as Record<string, boolean> | undefined) },
    ingress: merged(data.ingress, (given.ingress as QosMap | undefined) ?? [], 7),
    egress: merged(data.egress, (given.egress as QosMap | undefined) ?? [], 0xffffffff),
  };
}

/** 802.1Q: tags what goes out on the lower device, takes what comes in with its tag. net/8021q/. */
export const vlan = defineLinkKind({
  kind: 'vlan',
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  mtu: 1500,
  minMtu: 0,
  maxMtu: 65535,
  queues: 1,
  nameTemplate: 'vlan',
  watched: true,
  movable: true,
  carrier: (world, ns, link) => {
    const lower = lowerLink(world, ns, link);
    const data = vlanOf(link) as VlanData;
    if (!data.flags.bridge_binding) return lower?.link.carrier ?? false;
    // Bound to a bridge: up as long as a port of that VLAN is.
    return portsOf(lower?.ns ?? ns, lower?.link ?? link).some(
      (p) => p.port?.state === 'forwarding' && p.port.vlans.some((v) => v.vid === data.id),
    );
  },
  create: (_world, ns, spec) => {
    const at = spec.lowerNs ?? ns;
    const id = spec.data?.id as number | undefined;
    if (id === undefined) return { errno: 'EINVAL', extack: '8021q: VLAN properties not specified' };
    if (id >= 4095) return { errno: 'ERANGE', extack: '8021q: Invalid VLAN id' };
    if (!spec.lower) return { errno: 'EINVAL', extack: '8021q: link not specified' };
    const lower = at.links.get(spec.lower);
    if (!lower) return { errno: 'ENODEV', extack: '8021q: link does not exist' };
    if (lower.data.type === 'loopback') return { errno: 'EOPNOTSUPP', extack: '8021q: VLANs not supported on device' };
    const protocol = (spec.data?.protocol as VlanData['protocol'] | undefined) ?? '802.1Q';
    for (const other of ns.links.values()) {
      const data = vlanOf(other);
      if (
        data?.id === id &&
        data.protocol === protocol &&
        other.lower === spec.lower &&
        (other.lowerNs ?? ns.id) === at.id
      ) {
        return { errno: 'EEXIST', extack: '8021q: VLAN device already exists' };
      }
    }
    if (spec.mtu !== undefined && spec.mtu > lower.mtu) return { errno: 'EINVAL' };
    const created = {
      data: changed(
        { type: 'vlan', id, protocol, flags: { reorder_hdr: true }, ingress: [], egress: [] },
        spec.data ?? {},
      ),
      mac: lower.mac,
      mtu: lower.mtu,
      lower: lower.ifindex,
    };
    return at === ns ? created : { ...created, lowerNs: at.id };
  },
  change: (_world, _ns, link, given) => {
    link.data = changed(vlanOf(link) as VlanData, given);
    return null;
  },
});
