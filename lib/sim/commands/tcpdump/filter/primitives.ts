/** The filter's primitive tests: host, net, port, protocol, byte access. */
import type { Ip } from '../../../addr/ip.ts';
import type { Mac } from '../../../addr/mac.ts';
import { type Arith, type Expr, type Frame, KNOWN_PROTOS, type PacketClass } from './expr.ts';
import { etherTypeOf, load, networkOffset } from './frame.ts';

const ETH_IP = 0x0800;
const ETH_ARP = 0x0806;
const ETH_RARP = 0x8035;
const ETH_IP6 = 0x86dd;

export type Dir = 'src' | 'dst' | 'either' | 'both';
export type Layer = 'ip' | 'arp' | 'rarp' | 'ip6';

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

/** Combines a test of source and one of destination as the direction asks. */
const directed = (dir: Dir, src: () => boolean, dst: () => boolean): boolean => {
  if (dir === 'src') return src();
  if (dir === 'dst') return dst();
  return dir === 'both' ? src() && dst() : src() || dst();
};

/** EtherType tests: `ip`, `ip6`, `arp`, `ether proto N`. `tags`: how often `vlan` came before. */
export function etherType(tags: number, type: number): Expr {
  const kind =
    type === ETH_IP ? 'ip' : type === ETH_IP6 ? 'ip6' : type === ETH_ARP ? 'arp' : type === ETH_RARP ? 'rarp' : 'other';
  return {
    test: (f) => {
      const there = etherTypeOf(f, tags);
      if (type > 1500 || there === null) return there === type;
      // 802.3: the type is a length, and the number an LLC service access point.
      return there <= 1500 && load(f, networkOffset(f, tags), 1) === type;
    },
    verdict: (k) => (k.ether !== kind ? false : kind === 'other' ? null : true),
  };
}

/** Protocol number over IPv4, IPv6 or both; an IPv6 fragment header may stand before it. */
export const ipProto = (tags: number, proto: number, families: (4 | 6)[] = [4, 6]): Expr => ({
  test: (f) => {
    const type = etherTypeOf(f, tags);
    const at = networkOffset(f, tags);
    if (type === ETH_IP && families.includes(4)) return load(f, at + 9, 1) === proto;
    if (type !== ETH_IP6 || !families.includes(6)) return false;
    const next = load(f, at + 6, 1);
    return next === proto || (next === 44 && load(f, at + 40, 1) === proto);
  },
  verdict: (k) => {
    const family = k.ether === 'ip' ? 4 : k.ether === 'ip6' ? 6 : null;
    if (family === null || !families.includes(family)) return false;
    return k.proto === proto ? true : k.proto === -1 && !KNOWN_PROTOS.includes(proto) ? null : false;
  },
});

/** Where a network header has its addresses. */
const ADDRESSES: Record<number, { layer: Layer; src: number; dst: number }> = {
  [ETH_IP]: { layer: 'ip', src: 12, dst: 16 },
  [ETH_ARP]: { layer: 'arp', src: 14, dst: 24 },
  [ETH_RARP]: { layer: 'rarp', src: 14, dst: 24 },
  [ETH_IP6]: { layer: 'ip6', src: 8, dst: 24 },
};

/** `host` and `net`: addresses of IP, and of ARP's sender and target, under a mask. */
export function masked(tags: number, ip: Ip, mask: Ip, dir: Dir, layers: Layer[]): Expr {
  const words = typeof ip === 'bigint' ? 4 : 1;
  const word = (of: Ip, i: number) =>
    typeof of === 'bigint' ? Number((of >> BigInt(32 * (3 - i))) & 0xffffffffn) : of;
  const matches = (f: Frame, at: number): boolean => {
    for (let i = 0; i < words; i++) {
      const bits = word(mask, i);
      if (bits === 0) continue;
      const there = load(f, at + 4 * i, 4);
      if (there === null || ((there & bits) ^ (word(ip, i) & bits)) !== 0) return false;
    }
    return true;
  };
  return {
    test: (f) => {
      const where = ADDRESSES[etherTypeOf(f, tags) ?? 0];
      if (!where || !layers.includes(where.layer)) return false;
      const at = networkOffset(f, tags);
      return directed(
        dir,
        () => matches(f, at + where.src),
        () => matches(f, at + where.dst),
      );
    },
    verdict: (k) => (layers.includes(k.ether as 'ip') ? null : false),
  };
}

/** {@link masked} by a prefix. */
export function address(tags: number, prefix: { ip: Ip; len: number }, dir: Dir, layers: Layer[]): Expr {
  const { ip, len } = prefix;
  const mask =
    typeof ip === 'bigint'
      ? ((1n << BigInt(len)) - 1n) << BigInt(128 - len)
      : len === 0
        ? 0
        : (0xffffffff << (32 - len)) >>> 0;
  return masked(tags, ip, mask, dir, layers);
}

/** `ether host`. Only for devices with an Ethernet header. */
export const etherHost = (mac: Mac, dir: Dir): Expr => {
  const at = (f: Frame, from: number) => {
    const high = load(f, from, 2);
    const low = load(f, from + 2, 4);
    return high !== null && low !== null && high * 2 ** 32 + low === mac;
  };
  return {
    test: (f) =>
      directed(
        dir,
        () => at(f, 6),
        () => at(f, 0),
      ),
    verdict: () => null,
  };
};

const PORTED = [6, 17, 132];

/** `port` and `portrange`; IPv4 fragments after the first have no ports. */
export function ports(tags: number, low: number, high: number, dir: Dir, protos: number[]): Expr {
  return {
    test: (f) => {
      const type = etherTypeOf(f, tags);
      const ip = networkOffset(f, tags);
      let at: number;
      if (type === ETH_IP) {
        if (!protos.includes(load(f, ip + 9, 1) ?? -1)) return false;
        const off = load(f, ip + 6, 2);
        const first = load(f, ip, 1);
        if (off === null || first === null || off & 0x1fff) return false;
        at = ip + (first & 15) * 4;
      } else if (type === ETH_IP6) {
        if (!protos.includes(load(f, ip + 6, 1) ?? -1)) return false;
        at = ip + 40;
      } else return false;
      const within = (from: number) => {
        const port = load(f, from, 2);
        return port !== null && port >= low && port <= high;
      };
      return directed(
        dir,
        () => within(at),
        () => within(at + 2),
      );
    },
    verdict: (k) => (k.proto !== -1 && PORTED.includes(k.proto) && protos.includes(k.proto) ? null : false),
  };
}

/** Any predicate about which nothing is known beforehand. */
export const opaque = (test: Expr['test']): Expr => ({ test, verdict: () => null });

/** Where byte access starts, for each protocol that takes an index. */
export type Base = 'ether' | Layer | keyof typeof IP_PROTOS;

const LAYER_TYPES: Record<string, number> = { ip: ETH_IP, ip6: ETH_IP6, arp: ETH_ARP, rarp: ETH_RARP };

function baseOffset(base: Base, f: Frame, tags: number): number | null {
  if (base === 'ether') return 0;
  const type = etherTypeOf(f, tags);
  const ip = networkOffset(f, tags);
  if (LAYER_TYPES[base] !== undefined) return type === LAYER_TYPES[base] ? ip : null;
  if (base === 'icmp6') return type === ETH_IP6 && load(f, ip + 6, 1) === 58 ? ip + 40 : null;
  if (type !== ETH_IP || load(f, ip + 9, 1) !== IP_PROTOS[base]) return null;
  const off = load(f, ip + 6, 2);
  const first = load(f, ip, 1);
  if (off === null || first === null || off & 0x1fff) return null;
  return ip + (first & 15) * 4;
}

/** `base[index:size]`. A packet without that header does not match the relation it stands in. */
export function bytesAt(tags: number, base: Base, index: Arith, size: 1 | 2 | 4): Arith {
  return {
    value: (f) => {
      const start = baseOffset(base, f, tags);
      const at = index.value(f);
      if (start === null || at === null) return null;
      return load(f, start + at, size);
    },
    reads: (kind) => index.reads(kind) && classHas(base, kind),
  };
}

function classHas(base: Base, kind: PacketClass): boolean {
  if (base === 'ether') return true;
  if (LAYER_TYPES[base] !== undefined) return kind.ether === base;
  return kind.ether === (base === 'icmp6' ? 'ip6' : 'ip') && kind.proto === IP_PROTOS[base];
}
