/** Sending through a tunnel: wg_xmit(), send.c, socket.c. */
import { formatIp, type Ip, inPrefix } from '../../addr/ip.ts';
import { record } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { IPPROTO, ipLength, makePacket, type Packet, type WgMessage } from '../../packet/packet.ts';
import { type WgData, type WgPeer, type WgSession, wgUnderlay } from '../link/wireguard.ts';
import { drop } from '../stack/drop.ts';
import { sendIcmpError } from '../stack/icmp-error.ts';
import { ipOutput } from '../stack/output.ts';
import { sysctlNum } from '../sysctl/sysctl.ts';
import type { Link, NetNs } from '../types.ts';
import { initiated, REKEY_TIMEOUT, sentMessage } from './timers.ts';

const SECOND = 1_000_000;
export const REJECT_AFTER = 180 * SECOND;
const REKEY_AFTER = 120 * SECOND;
const MAX_QUEUE = 128;
/** Bytes of the messages: initiation, response, and what data adds to a packet. */
export const SIZES = { initiation: 148, response: 92, data: 32 } as const;

/** The peer whose allowed addresses hold an address most exactly: allowedips.c. */
export function peerOf(data: WgData, ip: Ip): WgPeer | null {
  let best: WgPeer | null = null;
  let length = -1;
  for (const peer of data.peers) {
    for (const prefix of peer.allowed) {
      if (typeof prefix.ip !== typeof ip || prefix.len <= length || !inPrefix(ip, prefix)) continue;
      best = peer;
      length = prefix.len;
    }
  }
  return best;
}

/** A packet for the tunnel. ENOKEY: no peer has its destination; EDESTADDRREQ: the peer's endpoint is not known. */
export function wireguardSend(world: World, ns: NetNs, link: Link, packet: Packet): string | null {
  const data = link.data as WgData;
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const peer = peerOf(data, ip.dst);
  if (!peer?.endpoint) {
    link.stats.txErrors++;
    const why = peer ? 'the endpoint of its peer is not known' : 'no peer is allowed to have it';
    drop(world, ns, packet, 'NOT_SPECIFIED', () => `${link.name}: ${formatIp(ip.dst)}: ${why}`);
    const six = typeof ip.dst === 'bigint';
    sendIcmpError(world, ns, packet, six ? 1 : 3, six ? 3 : 1);
    return peer ? 'EDESTADDRREQ' : 'ENOKEY';
  }
  if (peer.queue.length >= MAX_QUEUE) {
    peer.queue.shift();
    link.stats.txDropped++;
  }
  packet.ct = undefined;
  peer.queue.push(packet);
  sendStaged(world, ns, link, peer);
  return null;
}

const current = (world: World, peer: WgPeer): WgSession | undefined => {
  const session = peer.sessions.findLast((s) => s.confirmed);
  return session && world.now - session.at < REJECT_AFTER ? session : undefined;
};

/** Sends what waits, or begins a handshake. */
export function sendStaged(world: World, ns: NetNs, link: Link, peer: WgPeer): void {
  if (peer.queue.length === 0) return;
  const session = current(world, peer);
  if (!session) {
    initiate(world, ns, link, peer, false);
    return;
  }
  for (const packet of peer.queue.splice(0)) {
    const length = ipLength(packet);
    const padded = Math.min(Math.max(link.mtu, length), Math.ceil(length / 16) * 16);
    const size = SIZES.data + padded;
    if (!world.trace.off)
      record(world, ns, packet, {
        kind: 'encap',
        dev: link.name,
        outer: `${formatIp(peer.endpoint?.ip ?? 0)}:${peer.endpoint?.port ?? 0} udp`,
        how: 'allowed IPs',
      });
    sentMessage(world, ns, link, peer, true);
    message(world, ns, link, peer, size, { kind: 'data', session: session.id, inner: packet }, packet.id);
  }
  if (session.initiator && world.now - session.at > REKEY_AFTER) initiate(world, ns, link, peer, false);
}

/** An empty data message, unless packets wait: they go instead. */
export function sendKeepalive(world: World, ns: NetNs, link: Link, peer: WgPeer): void {
  if (peer.queue.length > 0) {
    sendStaged(world, ns, link, peer);
    return;
  }
  const session = current(world, peer);
  if (!session) {
    initiate(world, ns, link, peer, false);
    return;
  }
  sentMessage(world, ns, link, peer, false);
  message(world, ns, link, peer, SIZES.data, { kind: 'data', session: session.id });
}

/** Begins a handshake, at most every five seconds. */
export function initiate(world: World, ns: NetNs, link: Link, peer: WgPeer, again: boolean): void {
  if (!again) peer.attempts = 0;
  const data = link.data as WgData;
  if (world.now < peer.initiated + REKEY_TIMEOUT || data.privateKey === '') return;
  peer.initiated = world.now;
  sentMessage(world, ns, link, peer, false);
  message(world, ns, link, peer, SIZES.initiation, { kind: 'initiation', session: world.next.packet });
  initiated(world, ns, link, peer);
}

/** Sends a message to a peer's endpoint. */
export function message(
  world: World,
  ns: NetNs,
  link: Link,
  peer: WgPeer,
  size: number,
  what: Pick<WgMessage, 'kind' | 'session' | 'inner'>,
  id?: number,
): void {
  const data = link.data as WgData;
  const at = wgUnderlay(world, ns, link);
  if (!peer.endpoint || !link.up) return;
  const dst = peer.endpoint.ip;
  const six = typeof dst === 'bigint';
  const outer = makePacket({
    id: id ?? world.next.packet++,
    ip: {
      src: six ? 0n : 0,
      dst,
      ttl: sysctlNum(at, six ? 'net.ipv6.conf.default.hop_limit' : 'net.ipv4.ip_default_ttl'),
      proto: IPPROTO.udp,
      tos: what.inner?.ip?.tos ?? (what.kind === 'data' ? 0 : 0x88),
      id: (at.ipId = (at.ipId + 1) & 0xffff),
      df: false,
      mf: false,
      offset: 0,
    },
    udp: { sport: data.port, dport: peer.endpoint.port },
    data: '\0'.repeat(size),
    wg: { ...what, from: data.publicKey, to: peer.publicKey, psk: peer.psk },
    mark: data.fwmark,
    iif: 0,
  });
  if (ipOutput(world, at, outer)) return;
  peer.tx += size;
  link.stats.txPackets++;
  link.stats.txBytes += size;
}
