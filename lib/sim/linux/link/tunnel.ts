import type { Ip4 } from '../../addr/ip.ts';
import type { Link, NetNs } from '../types.ts';
import { defineLinkKind, type LinkKind, type LinkSpec } from './kind.ts';

/** IP-in-IP and GRE: local and remote ends, 0 for any. net/ipv4/ip_tunnel.c. */
export interface TunnelData {
  type: 'ipip' | 'gre';
  local: Ip4;
  remote: Ip4;
  /** 0: inherit from the inner packet. */
  ttl: number;
  pmtudisc: boolean;
  /** The fallback device (`tunl0`, `gre0`), which takes what no other tunnel takes. */
  fallback: boolean;
  [key: string]: unknown;
}

/** The tunnel part of a link, or null. */
export const tunnelOf = (link: Link): TunnelData | null => (link.kind === 'ipip' || link.kind === 'gre' ? (link.data as TunnelData) : null);

const lowerMtu = (ns: NetNs, spec: LinkSpec): number => (spec.lower ? (ns.links.get(spec.lower)?.mtu ?? 1500) : 1500);

const tunnelKind = (kind: 'ipip' | 'gre', overhead: number): LinkKind =>
  defineLinkKind({
    kind, linkType: kind, flags: [], noarp: true, mtu: 1500 - overhead, minMtu: kind === 'gre' ? 68 : 0, maxMtu: kind === 'gre' ? 65511 : 0, queues: 1,
    tsoMax: 65536, nameTemplate: kind === 'ipip' ? 'tunl' : 'gre', watched: false, movable: true,
    carrier: () => true,
    create: (_world, ns, spec) => {
      const given = spec.data ?? {};
      const data: TunnelData = {
        type: kind, local: (given.local as Ip4 | undefined) ?? 0, remote: (given.remote as Ip4 | undefined) ?? 0, ttl: (given.ttl as number | undefined) ?? 0,
        pmtudisc: given.pmtudisc !== false, fallback: given.fallback === true,
      };
      for (const other of ns.links.values()) {
        const theirs = tunnelOf(other);
        if (theirs && other.kind === kind && theirs.local === data.local && theirs.remote === data.remote) return { errno: 'EEXIST' };
      }
      return { data, mac: data.local, mtu: lowerMtu(ns, spec) - overhead, lower: spec.lower ?? 0 };
    },
  });

export const ipip = tunnelKind('ipip', 20);
export const gre = tunnelKind('gre', 24);
