/** WireGuard devices: drivers/net/wireguard/device.c. */
import type { Prefix } from '../../addr/ip.ts';
import type { World } from '../../kernel/world.ts';
import type { Packet } from '../../packet/packet.ts';
import { bind, closeSocket, createSocket } from '../socket/socket.ts';
import type { Link, NetNs, NlError, SockAddr } from '../types.ts';
import { startPeers, stopPeers } from '../wireguard/timers.ts';
import { defineLinkKind } from './kind.ts';

/** What two ends agreed on in a handshake. */
export interface WgSession {
  id: number;
  /** Virtual time of the handshake, microseconds. */
  at: number;
  initiator: boolean;
  /** The responder may send only after it has heard the initiator use it. */
  confirmed: boolean;
}

export interface WgPeer {
  publicKey: string;
  /** Pre-shared key in base64, '' for none. */
  psk: string;
  endpoint: SockAddr | null;
  allowed: Prefix[];
  /** Persistent keepalive in seconds, 0 for off. */
  keepalive: number;
  rx: number;
  tx: number;
  /** Virtual time of the last handshake, -1 for never. */
  handshake: number;
  /** Newest last. */
  sessions: WgSession[];
  queue: Packet[];
  attempts: number;
  initiated: number;
  keepaliveAgain: boolean;
  timers: Record<string, number>;
}

export interface WgData {
  type: 'wireguard';
  privateKey: string;
  publicKey: string;
  port: number;
  fwmark: number;
  peers: WgPeer[];
  sockets: number[];
  [key: string]: unknown;
}

/** The WireGuard part of a link, or null. */
export const wireguardOf = (link: Link): WgData | null => (link.kind === 'wireguard' ? (link.data as WgData) : null);

/** The namespace its UDP sockets live in: where it was made. */
export const wgUnderlay = (world: World, ns: NetNs, link: Link): NetNs =>
  link.lowerNs === undefined ? ns : (world.netns.get(link.lowerNs) ?? ns);

/** Opens the UDP sockets of a device that is up. EADDRINUSE. Port 0 takes a free one. */
export function openSockets(world: World, ns: NetNs, link: Link): NlError | null {
  const data = link.data as WgData;
  const at = wgUnderlay(world, ns, link);
  closeSockets(world, ns, link);
  for (const family of [4, 6] as const) {
    const socket = createSocket(world, at, 'udp', 0, { family });
    socket.v6only = true;
    data.sockets.push(socket.id);
    const error = bind(world, socket, { ip: socket.local.ip, port: data.port });
    if (error) {
      closeSockets(world, ns, link);
      return { errno: error };
    }
    data.port = socket.local.port;
  }
  return null;
}

/** Closes them. */
export function closeSockets(world: World, ns: NetNs, link: Link): void {
  const data = link.data as WgData;
  const at = wgUnderlay(world, ns, link);
  for (const id of data.sockets) {
    const socket = at.sockets.get(id);
    if (socket) closeSocket(world, socket);
  }
  data.sockets = [];
}

export const wireguard = defineLinkKind({
  kind: 'wireguard',
  linkType: 'none',
  flags: ['POINTOPOINT'],
  noarp: true,
  mtu: 1420,
  minMtu: 0,
  maxMtu: 2_147_483_552,
  queues: 1,
  tsoMax: 65536,
  nameTemplate: 'wg',
  watched: false,
  movable: true,
  carrier: () => true,
  create: () => ({
    data: {
      type: 'wireguard',
      privateKey: '',
      publicKey: '',
      port: 0,
      fwmark: 0,
      peers: [],
      sockets: [],
    } satisfies WgData,
  }),
  open: (world, ns, link) => {
    const refused = openSockets(world, ns, link);
    if (!refused) startPeers(world, ns, link);
    return refused;
  },
  stop: (world, ns, link) => {
    stopPeers(world, link);
    closeSockets(world, ns, link);
  },
});
