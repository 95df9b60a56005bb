/** What nf_tables' selectors read from a packet and its surroundings. */
import { ETH_VLAN, IPPROTO, type Packet } from '../../../packet/packet.ts';
import { packetState } from '../../conntrack/state.ts';
import { lookupRoute } from '../../route/lookup.ts';
import { packetRealms } from '../../route/realm.ts';
import type { HookState } from '../ext.ts';
import { hookLength } from '../hook-length.ts';
import { addressType } from '../match/addrtype.ts';
import type { CtTuple } from '../types.ts';
import { headerBits, tcpOption } from './bytes.ts';
import { HEADER_FIELDS, L4_NUMBERS } from './headers.ts';
import type { NftField, NftScalar } from './types.ts';

/** Bits of `ct state`. */
export const CT_STATES: Readonly<Record<string, number>> = {
  invalid: 1,
  established: 2,
  related: 4,
  new: 8,
  untracked: 64,
};
/** rtnetlink's address types, as `fib … type` gives them. */
export const FIB_TYPES: Readonly<Record<string, number>> = {
  unspec: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
};

type Read = (s: HookState) => NftScalar | null | undefined;

function ctStatus(s: HookState): number | undefined {
  const status = s.ct?.status;
  if (!status) return undefined;
  return (
    (s.ct?.master ? 1 : 0) |
    (status.seenReply ? 2 : 0) |
    (status.assured ? 4 : 0) |
    (status.confirmed ? 8 : 0) |
    (status.srcNat ? 16 : 0) |
    (status.dstNat ? 32 : 0) |
    (status.dying ? 512 : 0)
  );
}

const isPhysical = (name: string): boolean => name !== 'lo';

/** NFPROTO_* of the families of frames. */
const PF: Readonly<Record<NonNullable<HookState['frame']>, number>> = { arp: 3, netdev: 5, bridge: 7 };

/** Fields that are read often, or that no header holds. */
const FIELDS: Readonly<Record<string, Read>> = {
  'meta mark': (s) => s.packet.mark,
  'meta l4proto': (s) => s.packet.ip?.proto,
  'meta nfproto': (s) => (s.frame ? PF[s.frame] : s.family === 'ip' ? 2 : 10),
  'meta protocol': (s) => (s.packet.arp ? 0x806 : s.family === 'ip' ? 0x800 : 0x86dd),
  'meta length': (s) => hookLength(s),
  'meta priority': () => 0,
  'meta cgroup': () => undefined,
  'meta rtclassid': (s) => packetRealms(s.ns, s.packet, s.in),
  'meta cpu': () => 0,
  'meta nftrace': () => 0,
  'meta ipsec': () => 0,
  'meta iiftype': (s) => s.in && (isPhysical(s.in.name) ? 1 : 772),
  'meta oiftype': (s) => s.out && (isPhysical(s.out.name) ? 1 : 772),
  'meta pkttype': (s) => pktType(s.packet, s),
  iifname: (s) => s.in?.name,
  oifname: (s) => s.out?.name,
  iif: (s) => s.in?.ifindex ?? 0,
  oif: (s) => s.out?.ifindex ?? 0,
  iifgroup: (s) => s.in && 0,
  oifgroup: (s) => s.out && 0,
  'ct state': (s) => CT_STATES[packetState(s.packet).toLowerCase()],
  'ct status': ctStatus,
  'ct mark': (s) => s.ct?.mark,
  'ct zone': (s) => s.ct?.zone,
  'ct direction': (s) => (s.packet.ct && s.ct ? (s.packet.ct.reply ? 1 : 0) : undefined),
  'ct expiration': (s) =>
    s.ct && (s.ct.status.confirmed ? Math.max(0, Math.floor((s.ct.expires - s.world.now) / 1e6)) : 0),
  'ct l3proto': (s) => s.ct && (typeof s.ct.orig.src === 'bigint' ? 10 : 2),
  'ct protocol': (s) => s.ct?.orig.proto,
  'ct bytes': (s) => s.ct && s.ct.bytes[0] + s.ct.bytes[1],
  'ct packets': (s) => s.ct && s.ct.packets[0] + s.ct.packets[1],
  'ct id': (s) => s.ct?.id,
  'rt classid': (s) => packetRealms(s.ns, s.packet, s.in),
  'socket transparent': () => undefined,
  'meta skuid': (s) => owner(s),
  'meta skgid': (s) => owner(s),
};

function pktType(p: Packet, s: HookState): number {
  const dst = p.eth?.dst;
  if (dst === undefined || s.hook === 'OUTPUT') return 0;
  if (dst === 0xffffffffffff) return 1;
  return Math.floor(dst / 2 ** 40) % 2 === 1 ? 2 : 0;
}

/** The user a packet of this host belongs to. */
function owner(s: HookState): number | undefined {
  if (s.hook !== 'OUTPUT' && s.hook !== 'POSTROUTING') return undefined;
  const l4 = s.packet.tcp ?? s.packet.udp;
  if (s.packet.iif !== 0) return undefined;
  if (!l4) return 0;
  for (const socket of s.ns.sockets.values()) {
    if (socket.local.port !== l4.sport || (socket.kind === 'tcp') !== (s.packet.tcp !== undefined)) continue;
    return s.world.hosts.get(s.ns.host)?.processes.get(socket.pid)?.uid ?? 0;
  }
  return undefined;
}

/** `ct original|reply …`. */
function ctTuple(s: HookState, dir: string, key: string): NftScalar | undefined {
  const { ct } = s;
  if (!ct) return undefined;
  const i = dir === 'reply' ? 1 : 0;
  const t: CtTuple = i ? ct.reply : ct.orig;
  switch (key) {
    case 'ip saddr':
    case 'ip6 saddr':
      return (typeof t.src === 'bigint') === key.startsWith('ip6') ? t.src : undefined;
    case 'ip daddr':
    case 'ip6 daddr':
      return (typeof t.dst === 'bigint') === key.startsWith('ip6') ? t.dst : undefined;
    case 'proto-src':
      return t.sport;
    case 'proto-dst':
      return t.dport;
    case 'zone':
      return ct.zone;
    case 'packets':
      return ct.packets[i];
    case 'bytes':
      return ct.bytes[i];
    case 'avgpkt':
      return ct.packets[i] ? Math.floor(ct.bytes[i] / ct.packets[i]) : 0;
    default:
      return undefined;
  }
}

/** `fib saddr . iif oif` and the like: what the routing table says of an address. */
function fib(s: HookState, name: string, type: string): NftScalar | undefined {
  const words = name.split(' ').filter((w) => w !== '.');
  const result = words[words.length - 1];
  const { ip } = s.packet;
  if (!ip) return undefined;
  const side = words.includes('saddr') ? 'saddr' : 'daddr';
  const address = side === 'saddr' ? ip.src : ip.dst;
  const dev = words.includes('iif') ? s.in : words.includes('oif') ? s.out : null;
  if (result === 'type') return FIB_TYPES[addressType(address, s, dev?.ifindex ?? 0).toLowerCase()];
  const found = fibDevice(s, address, side, words, dev?.ifindex ?? 0);
  if (type === 'boolean') return found ? 1 : 0;
  if (result === 'oifname') return found?.name ?? '';
  return found?.ifindex ?? 0;
}

function fibDevice(
  s: HookState,
  address: NftScalar,
  side: string,
  words: readonly string[],
  dev: number,
): { name: string; ifindex: number } | null {
  const { ip } = s.packet;
  if (!ip || typeof address === 'string') return null;
  const input = s.in;
  // Traffic to oneself comes from the loopback device.
  if (input?.name === 'lo' && side === 'saddr') return input;
  const mark = words.includes('mark') ? s.packet.mark : 0;
  const found = lookupRoute(s.world, s.ns, { dst: address, mark, ...(dev ? { oif: dev } : {}) });
  if (!found.ok || (side === 'saddr' && found.type === 'local')) return null;
  return s.ns.links.get(found.dev) ?? null;
}

const OPTION_KINDS: Readonly<Record<string, number>> = {
  eol: 0,
  nop: 1,
  maxseg: 2,
  window: 3,
  'sack-perm': 4,
  sack: 5,
  timestamp: 8,
  fastopen: 34,
  md5sig: 19,
  mptcp: 30,
};
const OPTION_FIELDS: Readonly<Record<string, readonly [number, number]>> = {
  length: [1, 1],
  size: [2, 2],
  count: [2, 1],
  tsval: [2, 4],
  tsecr: [6, 4],
};

function option(s: HookState, name: string): NftScalar | undefined {
  const [, , kind = '', field] = name.split(' ');
  if (!s.packet.tcp) return undefined;
  const found = tcpOption(s.packet, OPTION_KINDS[kind] ?? Number(kind));
  if (!field) return found ? 1 : 0;
  const [at, width] = OPTION_FIELDS[field] ?? [0, 0];
  if (!found || width === 0) return undefined;
  return found.bytes.slice(at, at + width).reduce((n, b) => n * 256 + b, 0);
}

/** The outermost tag: nft_payload_copy_vlan(). */
function vlanField(eth: NonNullable<Packet['eth']>, field: string): number | undefined {
  if (eth.vlan === undefined) return undefined;
  switch (field) {
    case 'id':
      return eth.vlan & 0xfff;
    case 'pcp':
      return eth.vlan >> 13;
    case 'dei':
      return (eth.vlan >> 12) & 1;
    default:
      return eth.type;
  }
}

/** A field of a header, when the packet has that header. */
function header(s: HookState, name: string): NftScalar | undefined {
  const h = HEADER_FIELDS.get(name);
  if (!h) return undefined;
  const { ip, tcp, udp, icmp, eth } = s.packet;
  if (h.base === 'll') {
    if (!eth || (!s.frame && (s.hook === 'OUTPUT' || s.hook === 'POSTROUTING'))) return undefined;
    if (h.proto === 'vlan') return vlanField(eth, h.field);
    if (h.field === 'type') return eth.vlan === undefined ? eth.type : (eth.tpid ?? ETH_VLAN);
    return h.field === 'saddr' ? eth.src : eth.dst;
  }
  if (h.base === 'nh') {
    if (h.proto === 'arp') return s.packet.arp && headerBits(s.packet, 'nh', h.off, h.bits);
    if (h.proto !== s.family) return undefined;
    if (!ip) return undefined;
    switch (h.field) {
      case 'saddr':
        return ip.src;
      case 'daddr':
        return ip.dst;
      case 'protocol':
      case 'nexthdr':
        return ip.proto;
      case 'ttl':
      case 'hoplimit':
        return ip.ttl;
    }
    return headerBits(s.packet, 'nh', h.off, h.bits);
  }
  if (ip && ip.offset > 0) return undefined;
  if (h.proto === 'th') {
    const ports = tcp ?? udp;
    if (ports) return h.field === 'sport' ? ports.sport : ports.dport;
    return headerBits(s.packet, 'th', h.off, h.bits);
  }
  if (ip?.proto !== L4_NUMBERS[h.proto]) return undefined;
  if (tcp && h.field === 'dport') return tcp.dport;
  if (tcp && h.field === 'sport') return tcp.sport;
  if (icmp && h.field === 'type') return icmp.type;
  if (h.icmp && icmp && !h.icmp.includes(icmp.type)) return undefined;
  return headerBits(s.packet, 'th', h.off, h.bits);
}

/** The value of a field; undefined when the packet has none, which ends the rule. */
export function readField(s: HookState, f: NftField): NftScalar | undefined {
  const direct = FIELDS[f.name];
  if (direct) {
    const v = direct(s);
    return v === null ? undefined : v;
  }
  if (HEADER_FIELDS.has(f.name)) return header(s, f.name);
  if (f.name.startsWith('fib ')) return fib(s, f.name, f.type);
  const tuple = /^ct (original|reply) (.*)$/.exec(f.name);
  if (tuple) return ctTuple(s, tuple[1] as string, tuple[2] as string);
  if (f.name.startsWith('tcp option ')) return option(s, f.name);
  if (f.name.startsWith('ip option '))
    return s.family === 'ip' ? (f.name === 'ip option rr' && s.packet.ip?.rr ? 1 : 0) : undefined;
  if (f.name === 'rt mtu') return s.out ? s.out.mtu - (s.packet.ip?.proto === IPPROTO.tcp ? 40 : 0) : undefined;
  return undefined;
}
