/** The filter's primitive tests: host, net, port, protocol, byte access. */
import type { Ip } from '../../../addr/ip.ts';
import { inPrefix } from '../../../addr/ip.ts';
import type { Mac } from '../../../addr/mac.ts';
import { linkBytes, packetBytes } from '../../../packet/bytes.ts';
import type { IpHeader, Packet } from '../../../packet/packet.ts';
import { ETH_ARP, ETH_IP, ETH_IP6 } from '../../../packet/packet.ts';
import { type Arith, type Expr, KNOWN_PROTOS, type PacketClass } from './expr.ts';

export type Dir = 'src' | 'dst' | 'either' | 'both';

export const IP_PROTOS: Record<string, number> = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  igrp: 9,
  udp: 17,
  esp: 50,
  ah: 51,
  icmp6: 58,
  pim: 103,
  vrrp: 112,
  carp: 112,
  sctp: 132,
};

const isIp4 = (p: Packet): boolean => typeof p.ip?.src === 'number';
const isIp6 = (p: Packet): boolean => typeof p.ip?.src === 'bigint';

/** Combines a test of source and one of destination as the direction asks. */
const directed = (dir: Dir, src: () => boolean, dst: () => boolean): boolean => {
  if (dir === 'src') return src();
  if (dir === 'dst') return dst();
  return dir === 'both' ? src() && dst() : src() || dst();
};

/** EtherType tests: `ip`, `ip6`, `arp`, `ether proto N`. */
export function etherType(type: number): Expr {
  const kind = type === ETH_IP ? 'ip' : type === ETH_IP6 ? 'ip6' : type === ETH_ARP ? 'arp' : 'other';
  return {
    test: ({ packet: p }) => {
      if (type === ETH_IP) return isIp4(p);
      if (type === ETH_IP6) return isIp6(p);
      if (type === ETH_ARP) return p.arp !== undefined;
      return p.eth?.type === type && !p.ip && !p.arp;
    },
    verdict: (k) => (k.ether !== kind ? false : kind === 'other' ? null : true),
  };
}

/** Protocol number over IPv4, IPv6 or both. */
export const ipProto = (proto: number, families: (4 | 6)[] = [4, 6]): Expr => ({
  test: ({ packet: p }) =>
    p.ip !== undefined && p.ip.proto === proto && families.includes(typeof p.ip.src === 'bigint' ? 6 : 4),
  verdict: (k) => {
    const family = k.ether === 'ip' ? 4 : k.ether === 'ip6' ? 6 : null;
    if (family === null || !families.includes(family)) return false;
    return k.proto === proto ? true : k.proto === -1 && !KNOWN_PROTOS.includes(proto) ? null : false;
  },
});

/** `host` and `net`: addresses of IP, and of ARP's sender and target. */
export function address(prefix: { ip: Ip; len: number }, dir: Dir, layers: ('ip' | 'arp' | 'ip6')[]): Expr {
  const matches = (ip: Ip) => inPrefix(ip, prefix);
  return {
    test: ({ packet: p }) => {
      const { arp, ip } = p;
      if (arp)
        return (
          layers.includes('arp') &&
          directed(
            dir,
            () => matches(arp.spa),
            () => matches(arp.tpa),
          )
        );
      if (!ip || !layers.includes(isIp6(p) ? 'ip6' : 'ip')) return false;
      return directed(
        dir,
        () => matches(ip.src),
        () => matches(ip.dst),
      );
    },
    verdict: (k) => (layers.includes(k.ether as 'ip') ? null : false),
  };
}

/** A test by any mask, for `net N mask M`. */
export function masked(ip: number, mask: number, dir: Dir, layers: ('ip' | 'arp')[]): Expr {
  const matches = (a: Ip) => typeof a === 'number' && (a & mask) >>> 0 === ip;
  return {
    test: ({ packet: { arp, ip: head } }) => {
      if (arp)
        return (
          layers.includes('arp') &&
          directed(
            dir,
            () => matches(arp.spa),
            () => matches(arp.tpa),
          )
        );
      return (
        head !== undefined &&
        layers.includes('ip') &&
        directed(
          dir,
          () => matches(head.src),
          () => matches(head.dst),
        )
      );
    },
    verdict: (k) => (layers.includes(k.ether as 'ip') ? null : false),
  };
}

export const etherHost = (mac: Mac, dir: Dir): Expr => ({
  test: ({ packet: { eth } }) =>
    eth !== undefined &&
    directed(
      dir,
      () => eth.src === mac,
      () => eth.dst === mac,
    ),
  verdict: () => null,
});

const PORTED = [6, 17, 132];

/** `port` and `portrange`; fragments after the first have no ports. */
export function ports(low: number, high: number, dir: Dir, protos: number[]): Expr {
  const within = (port: number) => port >= low && port <= high;
  return {
    test: ({ packet: p }) => {
      if (!p.ip || p.ip.offset > 0 || !protos.includes(p.ip.proto)) return false;
      const head = p.tcp ?? p.udp;
      return (
        head !== undefined &&
        directed(
          dir,
          () => within(head.sport),
          () => within(head.dport),
        )
      );
    },
    verdict: (k) => (k.proto !== -1 && PORTED.includes(k.proto) && protos.includes(k.proto) ? null : false),
  };
}

/** Any predicate about which nothing is known beforehand. */
export const opaque = (test: Expr['test']): Expr => ({ test, verdict: () => null });

/** Where byte access starts, for each protocol that takes an index. */
export type Base = 'ether' | 'ip' | 'ip6' | 'arp' | 'tcp' | 'udp' | 'icmp' | 'icmp6' | 'sctp' | 'igmp' | 'ah' | 'esp';

function baseOffset(base: Base, p: Packet): number | null {
  const link = linkBytes(p).length;
  if (base === 'ether') return 0;
  if (base === 'arp') return p.arp ? link : null;
  if (base === 'ip') return isIp4(p) ? link : null;
  if (base === 'ip6') return isIp6(p) ? link : null;
  const ip = p.ip as IpHeader | undefined;
  if (!ip || ip.proto !== IP_PROTOS[base] || ip.offset > 0) return null;
  if (base === 'icmp6') return isIp6(p) ? link + 40 : null;
  return isIp4(p) ? link + 20 : null;
}

/** `base[index:size]`. A packet without that header does not match the relation it stands in. */
export function bytesAt(base: Base, index: Arith, size: 1 | 2 | 4): Arith {
  return {
    value: (frame) => {
      const start = baseOffset(base, frame.packet);
      const at = index.value(frame);
      if (start === null || at === null) return null;
      const bytes = packetBytes(frame.packet, true);
      if (start + at + size > bytes.length) {
        frame.overrun = true;
        return null;
      }
      let value = 0;
      for (let i = 0; i < size; i++) value = value * 256 + bytes.charCodeAt(start + at + i);
      return value;
    },
    reads: (kind) => index.reads(kind) && classHas(base, kind),
  };
}

function classHas(base: Base, kind: PacketClass): boolean {
  if (base === 'ether') return true;
  if (base === 'ip' || base === 'ip6' || base === 'arp') return kind.ether === base;
  return kind.ether === (base === 'icmp6' ? 'ip6' : 'ip') && kind.proto === IP_PROTOS[base];
}
