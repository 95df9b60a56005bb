import { defineLinkKind } from './kind.ts';

/**
 * A network card whose cable ends in a segment of the world ({@link import('../../kernel/world.ts').Segment}). Scenes make
 * them with `data: {segment: ID}`; a learner cannot.
 */
export const phys = defineLinkKind({
  kind: 'phys',
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  mtu: 1500,
  minMtu: 68,
  maxMtu: 9710,
  queues: 1,
  tsoMax: 65536,
  qdisc: 'fq_codel',
  nameTemplate: 'eth',
  watched: true,
  movable: true,
  carrier: (world, _ns, link) => world.segments.some((s) => s.id === (link.data as { segment: number }).segment),
  create: (world, _ns, spec) => {
    const segment = spec.data?.segment;
    if (typeof segment !== 'number' || !world.segments.some((s) => s.id === segment)) return { errno: 'EOPNOTSUPP' };
    return { data: { type: 'phys', segment } };
  },
  registered: (world, ns, link) => {
    const { segment } = link.data as { segment: number };
    world.segments.find((s) => s.id === segment)?.ports.push({ ns: ns.id, ifindex: link.ifindex });
    return null;
  },
});
