/** Geneve devices with one remote end: drivers/net/geneve.c, RFC 8926. */
import type { Ip4 } from '../../addr/ip.ts';
import { lookupRoute } from '../route/lookup.ts';
import type { Link } from '../types.ts';
import { defineLinkKind } from './kind.ts';

export interface GeneveData {
  type: 'geneve';
  vni: number;
  remote: Ip4;
  dstPort: number;
  /** 0: the host's default; -1: inherit from the inner packet. */
  ttl: number;
  tos: number;
  [key: string]: unknown;
}

/** Outer Ethernet, IPv4, UDP and Geneve headers. */
const OVERHEAD = 50;

/** The Geneve part of a link, or null. */
export const geneveOf = (link: Link): GeneveData | null => (link.kind === 'geneve' ? (link.data as GeneveData) : null);

export const geneve = defineLinkKind({
  kind: 'geneve',
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  mtu: 1500,
  minMtu: 68,
  maxMtu: 65535 - OVERHEAD,
  queues: 1,
  tsoMax: 65536,
  nameTemplate: 'geneve',
  watched: false,
  movable: true,
  carrier: () => true,
  create: (world, ns, spec) => {
    const given = spec.data ?? {};
    const data: GeneveData = {
      type: 'geneve',
      vni: (given.id as number | undefined) ?? 0,
      remote: (given.remote as Ip4 | undefined) ?? 0,
      dstPort: (given.dstport as number | undefined) ?? 6081,
      ttl: (given.ttl as number | undefined) ?? 0,
      tos: (given.tos as number | undefined) ?? 0,
    };
    for (const other of ns.links.values()) {
      const theirs = geneveOf(other);
      if (theirs?.vni === data.vni && theirs.remote === data.remote && theirs.dstPort === data.dstPort)
        return { errno: 'EBUSY' };
    }
    const route = lookupRoute(world, ns, { dst: data.remote });
    const lower = route.ok ? ns.links.get(route.dev) : undefined;
    return { data, mtu: lower ? Math.max(68, lower.mtu - OVERHEAD) : 1500 };
  },
});
