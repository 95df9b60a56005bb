/** Messages from peers: receive.c, noise.c. */
import { formatIp } from '../../addr/ip.ts';
import { record } from '../../kernel/trace-log.ts';
import type { World } from '../../kernel/world.ts';
import { clonePacket, type Packet, type WgMessage } from '../../packet/packet.ts';
import { type WgData, type WgPeer, wgUnderlay } from '../link/wireguard.ts';
import { drop } from '../stack/drop.ts';
import { queueRx } from '../stack/softirq.ts';
import type { Link, NetNs } from '../types.ts';
import { initiate, message, peerOf, REJECT_AFTER, SIZES, sendKeepalive, sendStaged } from './send.ts';
import { completed, receivedMessage, sentMessage } from './timers.ts';

const KEPT_SESSIONS = 3;
/** When an initiator renews a session that it only hears of: REJECT_AFTER - KEEPALIVE - REKEY_TIMEOUT. */
const RENEW = 165_000_000;

/** The device that listens on a port of a namespace, and the namespace it is in itself. */
function deviceAt(world: World, at: NetNs, port: number): { ns: NetNs; link: Link } | null {
  for (const id of world.hosts.get(at.host)?.namespaces ?? []) {
    const ns = world.netns.get(id);
    for (const link of ns?.links.values() ?? []) {
      if (!ns || link.kind !== 'wireguard' || !link.up || wgUnderlay(world, ns, link) !== at) continue;
      if ((link.data as WgData).port === port) return { ns, link };
    }
  }
  return null;
}

/** Takes a datagram that a WireGuard device's socket gets. False when there is none on its port. */
export function wireguardReceive(world: World, at: NetNs, packet: Packet): boolean {
  if (!world.linkKinds.has('wireguard')) return false;
  const device = deviceAt(world, at, packet.udp?.dport ?? 0);
  if (!device) return false;
  const { ns, link } = device;
  const data = link.data as WgData;
  const { wg } = packet;
  const peer = wg && wg.to === data.publicKey ? data.peers.find((p) => p.publicKey === wg.from) : undefined;
  if (!wg || !peer || data.privateKey === '') {
    drop(world, at, packet, 'NOT_SPECIFIED', () => `${link.name}: no message of a peer it knows`);
    return true;
  }
  if (wg.kind === 'initiation') answer(world, ns, link, peer, packet, wg);
  else if (wg.kind === 'response') begin(world, ns, link, peer, packet, wg);
  else takeData(world, ns, link, peer, packet, wg);
  return true;
}

function heard(world: World, ns: NetNs, link: Link, peer: WgPeer, packet: Packet, withData: boolean): void {
  const { ip, udp } = packet;
  if (ip && udp) peer.endpoint = { ip: ip.src, port: udp.sport };
  peer.rx += packet.data.length;
  link.stats.rxPackets++;
  link.stats.rxBytes += packet.data.length;
  receivedMessage(world, ns, link, peer, withData);
}

function remember(peer: WgPeer, id: number, at: number, initiator: boolean): void {
  peer.sessions = [...peer.sessions, { id, at, initiator, confirmed: initiator }].slice(-KEPT_SESSIONS);
}

function answer(world: World, ns: NetNs, link: Link, peer: WgPeer, packet: Packet, wg: WgMessage): void {
  heard(world, ns, link, peer, packet, false);
  remember(peer, wg.session, world.now, false);
  sentMessage(world, ns, link, peer, false);
  message(world, ns, link, peer, SIZES.response, { kind: 'response', session: wg.session });
}

function begin(world: World, ns: NetNs, link: Link, peer: WgPeer, packet: Packet, wg: WgMessage): void {
  if (wg.psk !== peer.psk) {
    drop(world, ns, packet, 'NOT_SPECIFIED', () => `${link.name}: the pre-shared keys differ`);
    return;
  }
  heard(world, ns, link, peer, packet, false);
  remember(peer, wg.session, world.now, true);
  completed(world, peer);
  sendKeepalive(world, ns, link, peer);
}

function takeData(world: World, ns: NetNs, link: Link, peer: WgPeer, packet: Packet, wg: WgMessage): void {
  const session = peer.sessions.find((s) => s.id === wg.session);
  if (!session || world.now - session.at >= REJECT_AFTER) {
    drop(world, ns, packet, 'NOT_SPECIFIED', () => `${link.name}: no session for this message`);
    return;
  }
  const inner = wg.inner ? clonePacket(wg.inner) : null;
  if (!session.confirmed) {
    session.confirmed = true;
    completed(world, peer);
    sendStaged(world, ns, link, peer);
  }
  if (session.initiator && world.now - session.at > RENEW) initiate(world, ns, link, peer, false);
  const source = inner?.ip?.src;
  if (inner && source !== undefined && peerOf(link.data as WgData, source) !== peer) {
    heard(world, ns, link, peer, packet, true);
    link.stats.rxErrors++;
    link.stats.rxPackets--;
    link.stats.rxBytes -= packet.data.length;
    peer.rx -= packet.data.length;
    drop(
      world,
      ns,
      inner,
      'NOT_SPECIFIED',
      () => `${link.name}: the peer is not allowed to send from ${formatIp(source)}`,
    );
    return;
  }
  heard(world, ns, link, peer, packet, inner !== null);
  if (!inner) return;
  if (!world.trace.off)
    record(world, ns, inner, { kind: 'decap', dev: link.name, how: `WireGuard from ${formatIp(packet.ip?.src ?? 0)}` });
  inner.ct = undefined;
  inner.eth = undefined;
  inner.mark = 0;
  queueRx(world, ns, link, inner, 3);
}
