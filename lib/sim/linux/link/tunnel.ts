/** Tunnels of IPv4: what ipip, gre, gretap and erspan have in common. net/ipv4/ip_tunnel.c. */
import type { Ip4 } from '../../addr/ip.ts';
import { isMulticast } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import { greHeaderLength } from '../../packet/packet.ts';
import { lookupRoute } from '../route/lookup.ts';
import type { Link, NetNs, NlError } from '../types.ts';
import type { LinkKind, LinkSpec } from './kind.ts';

/** GRE_CSUM, GRE_KEY, GRE_SEQ as linux/if_tunnel.h has them. */
export const GRE_CSUM = 0x8000;
export const GRE_KEY = 0x2000;
export const GRE_SEQ = 0x1000;

export type TunnelKind = 'ipip' | 'gre' | 'gretap' | 'erspan';

/** Local and remote ends, 0 for any. */
export interface TunnelData {
  type: TunnelKind;
  local: Ip4;
  remote: Ip4;
  /** 0: inherit from the inner packet. */
  ttl: number;
  /** 1: inherit from the inner packet. */
  tos: number;
  pmtudisc: boolean;
  ignoreDf: boolean;
  fwmark: number;
  iflags: number;
  oflags: number;
  ikey: number;
  okey: number;
  /** What an ipip tunnel carries: protocol number, 0 for any. */
  proto: number;
  erspan?: { version: number; index: number; dir: number; hwid: number };
  /** `tunl0`, `gre0`: takes what no other tunnel takes. */
  fallback: boolean;
  /** Bounds of the MTU when it was made by the old ioctl. */
  limits?: [number, number];
  /** Next sequence number to send, and the one expected. */
  oseq: number;
  iseq: number;
  [key: string]: unknown;
}

const KINDS: ReadonlySet<string> = new Set(['ipip', 'gre', 'gretap', 'erspan']);

/** The tunnel part of a link, or null. */
export const tunnelOf = (link: Link): TunnelData | null => (KINDS.has(link.kind) ? (link.data as TunnelData) : null);

/** Whether the link's own addresses are IP addresses: ARPHRD_TUNNEL, ARPHRD_IPGRE. */
export const isIpTunnel = (link: Link): boolean => link.kind === 'ipip' || link.kind === 'gre';

/** What stands between the outer IP header and the inner packet (`tunnel->hlen`). */
export function tunnelHeader(data: TunnelData): number {
  if (data.type === 'ipip') return 0;
  if (data.type === 'erspan') return 8 + (data.erspan?.version === 2 ? 12 : data.erspan?.version === 0 ? 0 : 8);
  return greHeaderLength(data.oflags);
}

const isEther = (kind: string): boolean => kind === 'gretap' || kind === 'erspan';

/** Everything a tunnel adds to the inner packet as IP knows it: outer header, tunnel header, inner Ethernet header. */
export const tunnelOverhead = (data: TunnelData): number => 20 + tunnelHeader(data) + (isEther(data.type) ? 14 : 0);

/** The tunnel with exactly these ends, lower device and key: ip_tunnel_find. */
export function findTunnel(ns: NetNs, want: TunnelData, lower: number): Link | undefined {
  for (const link of ns.links.values()) {
    const t = tunnelOf(link);
    if (!t || t.type !== want.type || t.local !== want.local || t.remote !== want.remote) continue;
    if (link.lower !== lower || (t.iflags & GRE_KEY) !== (want.iflags & GRE_KEY)) continue;
    if (!(t.iflags & GRE_KEY) || t.ikey === want.ikey) return link;
  }
  return undefined;
}

/** The MTU that the way to the other end leaves: ip_tunnel_bind_dev. */
function boundMtu(world: World, ns: NetNs, data: TunnelData, lower: number): number {
  let dev: Link | undefined;
  if (data.remote) {
    const flow = { dst: data.remote, src: data.local };
    const route = lookupRoute(world, ns, lower ? { ...flow, oif: lower } : flow);
    if (route.ok) dev = ns.links.get(route.dev);
  }
  dev ??= ns.links.get(lower);
  return Math.max(68, (dev?.mtu ?? 1500) - tunnelOverhead(data));
}

/** Reads a request's attributes over `old`. */
export function tunnelData(kind: TunnelKind, given: Record<string, unknown>, old?: TunnelData): TunnelData {
  const num = (key: keyof TunnelData, otherwise = 0) =>
    (given[key] as number | undefined) ?? (old?.[key] as number | undefined) ?? otherwise;
  const data: TunnelData = {
    type: kind,
    local: num('local'),
    remote: num('remote'),
    ttl: num('ttl'),
    tos: num('tos'),
    pmtudisc: (given.pmtudisc as boolean | undefined) ?? old?.pmtudisc ?? true,
    ignoreDf: (given.ignoreDf as boolean | undefined) ?? old?.ignoreDf ?? false,
    fwmark: num('fwmark'),
    iflags: num('iflags'),
    oflags: num('oflags'),
    ikey: num('ikey'),
    okey: num('okey'),
    proto: num('proto'),
    fallback: given.fallback === true,
    oseq: old?.oseq ?? 0,
    iseq: old?.iseq ?? 0,
  };
  if (old?.limits) data.limits = old.limits;
  if (kind === 'erspan') {
    const was = old?.erspan ?? { version: 1, index: 0, dir: 0, hwid: 0 };
    data.erspan = { ...was, ...(given.erspan as object | undefined) };
  }
  return data;
}

/** A GRE tunnel to a group has broadcast, one to a host is point to point: IFF_BROADCAST, IFF_POINTOPOINT. */
const shape = (remote: Ip4): number => (remote === 0 ? 0 : isMulticast(remote) ? 1 : 2);

/** changelink() and SIOCCHGTUNNEL: `given` replaces what it names. */
export function changeTunnel(world: World, ns: NetNs, link: Link, given: Record<string, unknown>): NlError | null {
  const old = tunnelOf(link) as TunnelData;
  if (old.fallback) return { errno: 'EINVAL' };
  const data = tunnelData(old.type, given, old);
  const lower = (given.lower as number | undefined) ?? link.lower;
  if (data.ignoreDf && data.pmtudisc) return { errno: 'EINVAL' };
  const other = findTunnel(ns, data, lower);
  if (other && other !== link) return { errno: 'EEXIST' };
  if (!other && isIpTunnel(link) && shape(old.remote) !== shape(data.remote)) return { errno: 'EINVAL' };
  const headroom = tunnelHeader(data) - tunnelHeader(old);
  const rebind = lower !== link.lower || data.fwmark !== old.fwmark;
  link.data = data;
  link.lower = lower;
  if (rebind) link.mtu = boundMtu(world, ns, { ...data, oflags: old.oflags }, lower);
  if (headroom !== 0) link.mtu = Math.max(68, link.mtu - headroom);
  return null;
}

/** The parts of a link kind that all tunnels share. */
export function tunnelKind(kind: TunnelKind): Pick<LinkKind, 'kind' | 'create' | 'change' | 'mtuBounds' | 'mtuError'> {
  return {
    kind,
    create: (world, ns, spec: LinkSpec) => {
      const data = tunnelData(kind, spec.data ?? {});
      const at = spec.lowerNs ?? ns;
      if (spec.data?.limits) data.limits = spec.data.limits as [number, number];
      if (kind === 'erspan' && !data.fallback && !(data.iflags & GRE_SEQ && data.oflags & GRE_SEQ))
        return { errno: 'EINVAL' };
      if (data.ignoreDf && data.pmtudisc) return { errno: 'EINVAL' };
      const lower = spec.lower ?? 0;
      if (findTunnel(ns, data, lower)) return { errno: 'EEXIST' };
      if (kind === 'gre' && isMulticast(data.remote) && !data.local) return { errno: 'EINVAL' };
      const mtu = boundMtu(world, at, data, lower);
      const made = at === ns ? { data, mtu, lower } : { data, mtu, lower, lowerNs: at.id };
      return data.fallback ? { ...made, mac: 0 } : made;
    },
    change: changeTunnel,
    mtuBounds: (link) => (link.data as TunnelData).limits ?? null,
    // ip_tunnel_change_mtu refuses what does not fit although the device has no bounds of its own.
    mtuError: (link, mtu) =>
      mtu < 68 || mtu > 65535 - tunnelOverhead(link.data as TunnelData) ? { errno: 'EINVAL' } : null,
  };
}
