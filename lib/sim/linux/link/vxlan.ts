import type { Ip } from '../../addr/ip.ts';
import type { Link, VxlanData } from '../types.ts';
import { lowerLink } from './find.ts';
import { defineLinkKind } from './kind.ts';

/** A remote or group is the default destination: the all-zeros entry of the FDB. */
function setDefault(link: Link, group: Ip): void {
  const data = link.data as VxlanData;
  data.fdb = data.fdb.filter((f) => f.mac !== 0 || f.dst !== data.group);
  data.group = group;
  data.fdb.unshift({
    mac: 0,
    port: link.ifindex,
    vlan: 0,
    dst: group,
    isLocal: true,
    isStatic: true,
    flags: [],
    updated: 0,
    used: 0,
    via: data.dev,
  });
}

/** Ethernet frames in UDP (RFC 7348): drivers/net/vxlan/. */
/** Outer Ethernet, IPv4, UDP and VXLAN headers. */
const OVERHEAD = 50;

export const vxlan = defineLinkKind({
  kind: 'vxlan',
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  mtu: 1500,
  minMtu: 68,
  maxMtu: 65535,
  queues: 1,
  tsoMax: 65536,
  nameTemplate: 'vxlan',
  watched: false,
  movable: true,
  carrier: () => true,
  create: (_world, ns, spec) => {
    const at = spec.lowerNs ?? ns;
    const given = spec.data;
    if (!given || Object.keys(given).length === 0)
      return { errno: 'EINVAL', extack: 'Required attributes not provided to perform the operation' };
    if (given.id === undefined && !given.external)
      return { errno: 'EINVAL', extack: 'Required attributes not provided to perform the operation' };
    const lower = spec.lower ? at.links.get(spec.lower) : undefined;
    if (spec.lower && !lower) return { errno: 'ENODEV', extack: 'Lower device specified does not exist' };
    const { id, local, group, dstport, learning, ttl, tos, proxy, l2miss, l3miss, ...opts } = given;
    const data: VxlanData = {
      type: 'vxlan',
      vni: (id as number | undefined) ?? 0,
      local: (local as Ip | undefined) ?? null,
      group: (group as Ip | undefined) ?? null,
      dev: lower?.ifindex ?? 0,
      dstPort: (dstport as number | undefined) ?? 8472,
      learning: learning !== false,
      ttl: (ttl as number | undefined) ?? 0,
      tos: (tos as number | undefined) ?? 0,
      fdb: [],
      proxy: proxy === true,
      l2miss: l2miss === true,
      l3miss: l3miss === true,
      opts: opts as Record<string, number | boolean>,
    };
    for (const other of ns.links.values()) {
      const theirs = other.data as VxlanData;
      if (theirs.type === 'vxlan' && theirs.vni === data.vni && theirs.dstPort === data.dstPort) {
        return { errno: 'EEXIST', extack: 'A VXLAN device with the specified VNI already exists' };
      }
    }
    return { data, mtu: lower ? lower.mtu - OVERHEAD : 1500, lower: lower?.ifindex ?? 0 };
  },
  registered: (world, ns, link) => {
    const data = link.data as VxlanData;
    if (data.group !== null) setDefault(link, data.group);
    // vxlan_config_apply: no larger than what carries it, whatever was asked for.
    const lower = lowerLink(world, ns, link)?.link;
    if (lower) link.mtu = Math.min(link.mtu, Math.max(68, lower.mtu - OVERHEAD));
    return null;
  },
  change: (_world, _ns, link, data) => {
    const target = link.data as VxlanData;
    if ('id' in data && data.id !== target.vni) return { errno: 'EOPNOTSUPP', extack: 'Cannot change VNI' };
    if ('dstport' in data && data.dstport !== target.dstPort)
      return { errno: 'EOPNOTSUPP', extack: 'Cannot change port' };
    if (typeof data.learning === 'boolean') target.learning = data.learning;
    if (typeof data.ttl === 'number') target.ttl = data.ttl;
    if (typeof data.tos === 'number') target.tos = data.tos;
    if ('local' in data) target.local = data.local as Ip;
    if ('group' in data) setDefault(link, data.group as Ip);
    for (const key of ['ageing', 'ttlInherit'] as const)
      if (key in data) target.opts[key] = data[key] as number | boolean;
    return null;
  },
});

/** The VXLAN part of a link, or null. */
export const vxlanOf = (link: Link): VxlanData | null => (link.data.type === 'vxlan' ? (link.data as VxlanData) : null);
