import { lowerLink } from './find.ts';
import { defineLinkKind } from './kind.ts';

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
  carrier: (world, ns, link) => lowerLink(world, ns, link)?.link.carrier ?? false,
  create: (_world, ns, spec) => {
    const at = spec.lowerNs ?? ns;
    const id = spec.data?.id as number | undefined;
    if (id === undefined) return { errno: 'EINVAL', extack: '8021q: VLAN properties not specified' };
    if (id >= 4095) return { errno: 'ERANGE', extack: '8021q: Invalid VLAN id' };
    if (!spec.lower) return { errno: 'EINVAL', extack: '8021q: link not specified' };
    const lower = at.links.get(spec.lower);
    if (!lower) return { errno: 'ENODEV', extack: '8021q: link does not exist' };
    if (lower.data.type === 'loopback') return { errno: 'EOPNOTSUPP', extack: '8021q: VLANs not supported on device' };
    for (const other of ns.links.values()) {
      const data = other.data as { type: string; id?: number };
      if (data.type === 'vlan' && data.id === id && other.lower === spec.lower && (other.lowerNs ?? ns.id) === at.id) {
        return { errno: 'EEXIST', extack: '8021q: VLAN device already exists' };
      }
    }
    if (spec.mtu !== undefined && spec.mtu > lower.mtu) return { errno: 'ERANGE' };
    const created = {
      data: { type: 'vlan', id, protocol: spec.data?.protocol ?? '802.1Q' },
      mac: lower.mac,
      mtu: lower.mtu,
      lower: lower.ifindex,
    };
    return at === ns ? created : { ...created, lowerNs: at.id };
  },
  change: (_world, _ns, _link, data) => ('id' in data ? { errno: 'EOPNOTSUPP' } : null),
});
