/** Geneve devices with one remote end: drivers/net/geneve.c, RFC 8926. */
import type { Ip } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { lookupRoute } from '../route/lookup.ts';
import type { Link, NetNs, NlError } from '../types.ts';
import { defineLinkKind } from './kind.ts';

export interface GeneveData {
  type: 'geneve';
  vni: number;
  remote: Ip;
  dstPort: number;
  /** 0: the host's default; -1: inherit from the inner packet. */
  ttl: number;
  /** 1: inherit from the inner packet. */
  tos: number;
  df: 'unset' | 'set' | 'inherit';
  label: number;
  /** Outer UDP checksums sent, and IPv6 ones asked for (TUNNEL_CSUM, use_udp6_rx_checksums). */
  csum: boolean;
  rxChecksums: boolean;
  innerProto: boolean;
  [key: string]: unknown;
}

/** Outer Ethernet, IP, UDP and Geneve headers. */
const overhead = (remote: Ip): number => (typeof remote === 'bigint' ? 70 : 50);

/** The Geneve part of a link, or null. */
export const geneveOf = (link: Link): GeneveData | null => (link.kind === 'geneve' ? (link.data as GeneveData) : null);

/** geneve_link_config: what the way to the remote end leaves; undefined when there is none. */
function pathMtu(world: World, ns: NetNs, data: GeneveData): number | undefined {
  const route = lookupRoute(world, ns, { dst: data.remote });
  const lower = route.ok ? ns.links.get(route.dev) : undefined;
  return lower && Math.max(68, lower.mtu - overhead(data.remote));
}

/** geneve_nl2info. */
function read(given: Record<string, unknown>, old?: GeneveData): GeneveData {
  const remote = (given.remote as Ip | undefined) ?? old?.remote ?? 0;
  const six = typeof remote === 'bigint';
  const word = <T>(key: string, was: T | undefined, otherwise: T): T =>
    (given[key] as T | undefined) ?? was ?? otherwise;
  return {
    type: 'geneve',
    vni: word('id', old?.vni, 0),
    remote,
    dstPort: word('dstport', old?.dstPort, 6081),
    ttl: word('ttl', old?.ttl, 0),
    tos: word('tos', old?.tos, 0),
    df: word('df', old?.df, 'unset'),
    label: word('label', old?.label, 0),
    csum: old?.csum ?? (six ? given.zeroTx !== true : given.udpcsum === true),
    rxChecksums: old?.rxChecksums ?? (six && given.zeroRx !== true),
    innerProto: word('innerProto', old?.innerProto, false),
  };
}

/** Another device with the same id, remote end and port. */
const taken = (ns: NetNs, data: GeneveData, own?: Link): boolean =>
  [...ns.links.values()].some((link) => {
    const t = link === own ? null : geneveOf(link);
    return t?.vni === data.vni && t.remote === data.remote && t.dstPort === data.dstPort;
  });

const FIXED =
  'Changing VNI, Port, endpoint IP address family, external, inner_proto_inherit, and UDP checksum attributes are not supported';

function change(world: World, ns: NetNs, link: Link, given: Record<string, unknown>): NlError | null {
  const old = geneveOf(link) as GeneveData;
  const data = read(given, old);
  const fixed = ['dstport', 'udpcsum', 'zeroTx', 'zeroRx', 'innerProto'].some((key) => given[key] !== undefined);
  if (data.vni !== old.vni || typeof data.remote !== typeof old.remote || fixed)
    return { errno: 'EOPNOTSUPP', extack: FIXED };
  if (taken(ns, data, link)) return { errno: 'EBUSY' };
  link.data = data;
  link.mtu = pathMtu(world, ns, data) ?? link.mtu;
  return null;
}

export const geneve = defineLinkKind({
  kind: 'geneve',
  linkType: 'ether',
  flags: ['BROADCAST', 'MULTICAST'],
  mtu: 1500,
  minMtu: 68,
  maxMtu: 65485,
  mtuBounds: (link) => [68, 65535 - overhead((link.data as GeneveData).remote)],
  queues: 1,
  tsoMax: 65536,
  nameTemplate: 'geneve',
  watched: false,
  movable: true,
  carrier: () => true,
  create: (world, ns, spec) => {
    if (!spec.data) return { errno: 'EINVAL', extack: 'Not enough attributes provided to perform the operation' };
    const data = read(spec.data);
    if (taken(ns, data)) return { errno: 'EBUSY' };
    return { data, mtu: pathMtu(world, ns, data) ?? 1500 };
  },
  change,
});
