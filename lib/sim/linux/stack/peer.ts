/** Rate limits by peer: inet_peer_xrlim_allow(), and ip_error()'s own limit, which share one bucket of milliseconds. */
import type { Ip } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import type { NetNs } from '../types.ts';

/** XRLIM_BURST_FACTOR. */
const BURST = 6;
/** ip_rt_error_cost and ip_rt_error_burst: one route error a second, five at once. */
const ERROR_COST = 1000;
const ERROR_BURST = 5000;
const MAX_PEERS = 4096;

interface Bucket {
  tokens: number;
  /** Virtual ms. */
  at: number;
  redirects: number;
}

function bucketOf(world: World, ns: NetNs, peer: Ip): Bucket {
  ns.ext.icmpPeers ??= new Map<Ip, Bucket>();
  const peers = ns.ext.icmpPeers as Map<Ip, Bucket>;
  let bucket = peers.get(peer);
  if (!bucket) {
    if (peers.size >= MAX_PEERS) peers.clear();
    // A minute of credit, so that the first message finds its bucket full.
    bucket = { tokens: 0, at: Math.floor(world.now / 1000) - 60_000, redirects: 0 };
    peers.set(peer, bucket);
  }
  return bucket;
}

/**
 * Whether an ICMP message may go to a peer, one each `every` ms. With 0 all may, and the bucket is emptied: a route error
 * in the next second stays unsent.
 */
export function peerAllows(world: World, ns: NetNs, peer: Ip, every: number): boolean {
  const bucket = bucketOf(world, ns, peer);
  const now = Math.floor(world.now / 1000);
  if (now !== bucket.at) {
    bucket.tokens = Math.min(bucket.tokens + now - bucket.at, BURST * every);
    bucket.at = now;
  }
  if (bucket.tokens < every) return false;
  bucket.tokens -= every;
  return true;
}

/** Whether "no route" and its like may be told to a peer now: ip_error(). */
export function routeErrorAllowed(world: World, ns: NetNs, peer: Ip): boolean {
  const bucket = bucketOf(world, ns, peer);
  const now = Math.floor(world.now / 1000);
  bucket.tokens = Math.min(bucket.tokens + now - bucket.at, ERROR_BURST);
  bucket.at = now;
  if (bucket.tokens < ERROR_COST) return false;
  bucket.tokens -= ERROR_COST;
  return true;
}

/** ip_rt_redirect_load, _number, _silence: redirects come ever more seldom, and stop when nobody listens. */
const REDIRECT_LOAD = 20;
const REDIRECT_NUMBER = 9;
const REDIRECT_SILENCE = 20_480;

/** Whether a peer may be sent another ICMP redirect now: ip_rt_send_redirect(). */
export function redirectAllowed(world: World, ns: NetNs, peer: Ip): boolean {
  const bucket = bucketOf(world, ns, peer);
  const now = Math.floor(world.now / 1000);
  if (now > bucket.at + REDIRECT_SILENCE) {
    bucket.tokens = 0;
    bucket.redirects = 0;
  }
  if (bucket.redirects >= REDIRECT_NUMBER) {
    bucket.at = now;
    return false;
  }
  if (bucket.redirects > 0 && now <= bucket.at + REDIRECT_LOAD * 2 ** bucket.redirects) return false;
  bucket.at = now;
  bucket.redirects++;
  return true;
}
