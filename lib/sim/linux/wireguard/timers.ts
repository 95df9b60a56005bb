/** The clocks of a peer: drivers/net/wireguard/timers.c. All times are those of the protocol's constants. */
import { nextBelow } from '../../kernel/rng.ts';
import { cancelTimer, onTimer, setTimer } from '../../kernel/timers.ts';
import type { World } from '../../kernel/world.ts';
import type { WgData, WgPeer } from '../link/wireguard.ts';
import type { Link, NetNs } from '../types.ts';
import { initiate, sendKeepalive, sendStaged } from './send.ts';

const SECOND = 1_000_000;
export const REKEY_TIMEOUT = 5 * SECOND;
const KEEPALIVE_TIMEOUT = 10 * SECOND;
/** Initiations without an answer before the peer is given up: 90 s. */
const MAX_ATTEMPTS = 18;

type Clock = 'retry' | 'keepalive' | 'handshake' | 'persistent';

interface Ring {
  ns: number;
  dev: number;
  peer: string;
  clock: Clock;
}

const jitter = (world: World): number => nextBelow(world.rng, SECOND / 3);

function start(world: World, ns: NetNs, link: Link, peer: WgPeer, clock: Clock, delay: number): void {
  stop(world, peer, clock);
  const ring: Ring = { ns: ns.id, dev: link.ifindex, peer: peer.publicKey, clock };
  peer.timers[clock] = setTimer(world, delay, 'wireguard', ring);
}

function stop(world: World, peer: WgPeer, clock: Clock): void {
  const id = peer.timers[clock];
  if (id !== undefined) cancelTimer(world, id);
  delete peer.timers[clock];
}

onTimer<Ring>('wireguard', (world, { ns: id, dev, peer: key, clock }) => {
  const ns = world.netns.get(id);
  const link = ns?.links.get(dev);
  const peer = link?.kind === 'wireguard' ? (link.data as WgData).peers.find((p) => p.publicKey === key) : undefined;
  if (!ns || !link || !peer) return;
  delete peer.timers[clock];
  if (clock === 'persistent') {
    if (peer.keepalive > 0) sendKeepalive(world, ns, link, peer);
  } else if (clock === 'handshake') initiate(world, ns, link, peer, false);
  else if (clock === 'keepalive') {
    sendKeepalive(world, ns, link, peer);
    if (peer.keepaliveAgain) {
      peer.keepaliveAgain = false;
      start(world, ns, link, peer, 'keepalive', KEEPALIVE_TIMEOUT);
    }
  } else if (peer.attempts > MAX_ATTEMPTS) {
    stop(world, peer, 'keepalive');
    peer.queue = [];
  } else {
    peer.attempts++;
    initiate(world, ns, link, peer, true);
  }
});

/** An initiation went out: without an answer it is sent again. */
export function initiated(world: World, ns: NetNs, link: Link, peer: WgPeer): void {
  start(world, ns, link, peer, 'retry', REKEY_TIMEOUT + jitter(world));
}

/** A handshake is done. */
export function completed(world: World, peer: WgPeer): void {
  stop(world, peer, 'retry');
  peer.attempts = 0;
  peer.handshake = world.now;
}

/** A message went out; `data` when it carried a packet. */
export function sentMessage(world: World, ns: NetNs, link: Link, peer: WgPeer, data: boolean): void {
  stop(world, peer, 'keepalive');
  if (data && peer.timers.handshake === undefined)
    start(world, ns, link, peer, 'handshake', KEEPALIVE_TIMEOUT + REKEY_TIMEOUT + jitter(world));
  traversed(world, ns, link, peer);
}

/** A message came in; `data` when it carried a packet. */
export function receivedMessage(world: World, ns: NetNs, link: Link, peer: WgPeer, data: boolean): void {
  stop(world, peer, 'handshake');
  traversed(world, ns, link, peer);
  if (!data) return;
  if (peer.timers.keepalive === undefined) start(world, ns, link, peer, 'keepalive', KEEPALIVE_TIMEOUT);
  else peer.keepaliveAgain = true;
}

function traversed(world: World, ns: NetNs, link: Link, peer: WgPeer): void {
  if (peer.keepalive > 0) start(world, ns, link, peer, 'persistent', peer.keepalive * SECOND);
}

/** The device comes up: what waits is sent, and persistent keepalives begin. */
export function startPeers(world: World, ns: NetNs, link: Link): void {
  for (const peer of (link.data as WgData).peers) {
    sendStaged(world, ns, link, peer);
    if (peer.keepalive > 0) sendKeepalive(world, ns, link, peer);
  }
}

/** A peer forgets its sessions, its clocks and what waits for it. */
export function stopPeer(world: World, peer: WgPeer): void {
  for (const clock of ['retry', 'keepalive', 'handshake', 'persistent'] as const) stop(world, peer, clock);
  Object.assign(peer, {
    sessions: [],
    queue: [],
    attempts: 0,
    initiated: Number.NEGATIVE_INFINITY,
    keepaliveAgain: false,
  });
}

/** The device goes down. */
export function stopPeers(world: World, link: Link): void {
  for (const peer of (link.data as WgData).peers) stopPeer(world, peer);
}
