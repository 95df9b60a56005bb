/** Finding TCP sockets: established ones by both ends, listeners by score. */
import type { Ip } from '../../../addr/ip.ts';
import type { NetNs, Socket } from '../../types.ts';
import { score } from '../socket.ts';

/** The connection between two ends, or undefined. */
export function findConnection(ns: NetNs, local: Ip, lport: number, remote: Ip, rport: number): Socket | undefined {
  for (const socket of ns.sockets.values()) {
    if (socket.kind !== 'tcp' || socket.local.port !== lport || !socket.remote) continue;
    if (socket.remote.port !== rport || socket.remote.ip !== remote || socket.local.ip !== local) continue;
    if (socket.tcp && socket.tcp.state !== 'CLOSE' && socket.tcp.state !== 'LISTEN') return socket;
  }
  return undefined;
}

/** The listener a SYN is for, or undefined. */
export function findListener(
  ns: NetNs,
  dst: Ip,
  dport: number,
  src: Ip,
  sport: number,
  dev: number,
  sdif = 0,
): Socket | undefined {
  let best: Socket | undefined;
  let points = -1;
  for (const socket of ns.sockets.values()) {
    if (socket.kind !== 'tcp' || socket.tcp?.state !== 'LISTEN') continue;
    const s = score(ns, socket, dst, dport, src, sport, dev, sdif);
    if (s > points) {
      best = socket;
      points = s;
    }
  }
  return best;
}
