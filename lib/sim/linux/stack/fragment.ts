/**
 * Fragmentation and reassembly. Every piece keeps the parsed headers and data of the whole; offset and length say
 * which part of it travels, so nothing is encoded.
 * Sources: RFC 791, net/ipv4/ip_output.c, ip_fragment.c.
 */
import { formatIp } from '../../addr/ip.ts';
import { onTimer, setTimer } from '../../kernel/timers.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, FRAGMENT_HEADER, ipLength, l4Length, type Packet } from '../../packet/packet.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { NetNs } from '../types.ts';
import { drop } from './drop.ts';
import { sendIcmpError } from './icmp-error.ts';
import { count } from './snmp.ts';

/** Datagrams being put together at once. */
const MAX_QUEUES = 256;

interface Queue {
  total: number;
  have: number;
  longest: number;
  seen: number[];
  first: Packet | null;
}

const queuesOf = (ns: NetNs): Map<string, Queue> => {
  ns.ext.fragments ??= new Map<string, Queue>();
  return ns.ext.fragments as Map<string, Queue>;
};

/** Cuts a packet for an MTU. Offsets are multiples of 8. */
export function fragment(packet: Packet, mtu: number): Packet[] {
  const total = l4Length(packet);
  const head = ipLength(packet) - total;
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const extra = typeof packet.ip?.src === 'bigint' ? FRAGMENT_HEADER : 0;
  const room = Math.max(8, Math.floor((mtu - head - extra) / 8) * 8);
  const pieces: Packet[] = [];
  for (let at = 0; at < total; at += room) {
    const length = Math.min(room, total - at);
    const piece = clonePacket(packet);
    piece.ip = { ...ip, df: false, offset: ip.offset + at, mf: ip.mf || at + length < total };
    piece.fragment = length;
    pieces.push(piece);
  }
  return pieces;
}

const keyOf = (p: Packet): string => {
  const ip = p.ip as NonNullable<Packet['ip']>;
  return `${ip.src} ${ip.dst} ${ip.proto} ${ip.id}`;
};

/** Takes a fragment in; answers the whole packet once all of it is there, else null. Incomplete ones leave after 30 s. */
export function reassemble(world: World, ns: NetNs, packet: Packet): Packet | null {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const part = packet.fragment;
  if (part === undefined) return packet;
  count(ns, 'Ip.ReasmReqds');
  const queues = queuesOf(ns);
  const key = keyOf(packet);
  let queue = queues.get(key);
  if (!queue) {
    if (queues.size >= MAX_QUEUES) {
      drop(world, ns, packet, 'FRAG_TOO_FAR', () => 'too many datagrams wait for their fragments');
      return null;
    }
    queue = { total: -1, have: 0, longest: 0, seen: [], first: null };
    queues.set(key, queue);
    setTimer(world, sysctlNum(ns, 'net.ipv4.ipfrag_time') * 1e6, 'ipfrag', { ns: ns.id, key });
  }
  if (queue.seen.includes(ip.offset)) return null;
  queue.seen.push(ip.offset);
  queue.have += part;
  queue.longest = Math.max(queue.longest, ipLength(packet));
  if (ip.offset === 0) queue.first = packet;
  if (!ip.mf) queue.total = ip.offset + part;
  if (queue.total < 0 || queue.have < queue.total || !queue.first) return null;
  queues.delete(key);
  count(ns, 'Ip.ReasmOKs');
  // The headers as the first fragment has them now (TTL, addresses after NAT), the rest as it was sent.
  const { first } = queue;
  const done = clonePacket(first);
  done.fragment = undefined;
  done.fragMax = queue.longest;
  done.ip = { ...(first.ip as NonNullable<Packet['ip']>), mf: false, offset: 0 };
  return done;
}

onTimer<{ ns: number; key: string }>('ipfrag', (world, { ns: id, key }) => {
  const ns = world.netns.get(id);
  const queue = ns && queuesOf(ns).get(key);
  if (!ns || !queue) return;
  queuesOf(ns).delete(key);
  count(ns, 'Ip.ReasmFails');
  const { first } = queue;
  if (!first?.ip) return;
  const { src } = first.ip;
  drop(world, ns, first, 'FRAG_REASM_TIMEOUT', () => `fragments of a datagram from ${formatIp(src)} are missing`);
  sendIcmpError(world, ns, first, 11, 1);
});
