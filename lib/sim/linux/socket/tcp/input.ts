/** Received segments: tcp_v4_rcv(), tcp_rcv_state_process(). RFC 9293 3.10.7. */
import { formatIp } from '../../../addr/ip.ts';
import { note } from '../../../kernel/trace-log.ts';
import type { World } from '../../../kernel/world.ts';
import type { Packet, TcpHeader } from '../../../packet/packet.ts';
import { lookupRoute } from '../../route/lookup.ts';
import { drop } from '../../stack/drop.ts';
import { neighConfirm } from '../../stack/neigh.ts';
import { count } from '../../stack/snmp.ts';
import type { Link, NetNs, Socket, TcpControl } from '../../types.ts';
import { inetIif } from '../iif.ts';
import { DELIVERED, socketText } from '../send.ts';
import { createSocket } from '../socket.ts';
import { announcedMss, fail, newControl, plus, timestampsOn } from './control.ts';
import { acknowledge, established, receiveData } from './established.ts';
import { findConnection, findListener } from './lookup.ts';
import { resetFor, sendAck, sendSegment } from './output.ts';
import { armRetransmit } from './timer.ts';

/** A segment for this host. */
export function tcpReceive(world: World, ns: NetNs, link: Link, packet: Packet): void {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  const h = packet.tcp as TcpHeader;
  count(ns, 'Tcp.InSegs');
  let socket = findConnection(ns, ip.dst, h.dport, ip.src, h.sport);
  if (socket?.tcp?.state === 'TIME_WAIT' && h.syn && !h.ackFlag) {
    // A new connection takes the old one's place: tcp_timewait_state_process().
    ns.sockets.delete(socket.id);
    socket = undefined;
  }
  const listener = socket
    ? undefined
    : findListener(ns, ip.dst, h.dport, ip.src, h.sport, inetIif(ns, link, packet), packet.sdif);
  const to = socket ?? listener;
  if (!to) {
    drop(world, ns, packet, 'NO_SOCKET', () => `nobody listens on TCP port ${h.dport} of ${formatIp(ip.dst)}`);
    resetFor(world, ns, packet);
    return;
  }
  if (!world.trace.off) note(world, ns, packet, DELIVERED, to.kind, to.local);
  if (listener) {
    listen(world, ns, link, listener, packet, h);
    return;
  }
  const live = to.tcp as TcpControl;
  if (h.ts) live.options.tsRecent = h.ts.val;
  if (live.state === 'SYN_SENT') synSent(world, ns, to, packet, h);
  else if (h.rst) {
    if (h.seq === live.rcvNxt || live.state === 'SYN_RECV') reset(world, ns, to);
  } else if (live.state === 'SYN_RECV') synReceived(world, ns, to, packet, h);
  else established(world, ns, to, packet, h);
}

/** A SYN for a listener makes a connection in SYN_RECV. */
function listen(world: World, ns: NetNs, link: Link, listener: Socket, packet: Packet, h: TcpHeader): void {
  const ip = packet.ip as NonNullable<Packet['ip']>;
  if (h.rst) return;
  if (!h.syn || h.ackFlag) {
    resetFor(world, ns, packet);
    return;
  }
  const control = listener.tcp as TcpControl;
  if (control.backlog.length > control.backlogMax) {
    count(ns, 'TcpExt.ListenOverflows');
    drop(world, ns, packet, 'TCP_LISTEN_OVERFLOW', () => `the accept queue of ${socketText(listener)} is full`);
    return;
  }
  const child = createSocket(world, ns, 'tcp', 0, { family: typeof ip.dst === 'bigint' ? 6 : 4 });
  child.local = { ip: ip.dst, port: h.dport };
  child.remote = { ip: ip.src, port: h.sport };
  child.dev = listener.dev || (packet.sdif ? packet.iif : 0);
  child.reuse = listener.reuse;
  child.mark = listener.mark;
  const route = lookupRoute(world, ns, { dst: ip.src, src: ip.dst, oif: child.dev });
  const tcp = newControl(world, 'SYN_RECV', 1460);
  child.tcp = tcp;
  tcp.parent = listener.id;
  tcp.irs = h.seq;
  tcp.rcvNxt = plus(h.seq, 1);
  tcp.options.advmss = announcedMss(route.ok ? route.mtu : link.mtu, typeof ip.dst === 'bigint');
  takeOptions(ns, tcp, h);
  tcp.sndNxt = plus(tcp.iss, 1);
  sendSegment(world, ns, child, tcp.iss, { syn: true, ack: true });
  armRetransmit(world, ns, child);
}

/** What the peer's SYN offers, as far as both sides want it. */
function takeOptions(ns: NetNs, tcp: TcpControl, h: TcpHeader): void {
  if (h.ts && timestampsOn(ns)) {
    tcp.options.ts = 1;
    tcp.options.tsRecent = h.ts.val;
  }
  if (h.sackOk) tcp.options.sack = 1;
  if (h.wscale !== undefined) tcp.options.wscale = h.wscale;
  tcp.mss = Math.min(h.mss ?? 536, tcp.options.advmss ?? 1460) - (tcp.options.ts === 1 ? 12 : 0);
}

function synSent(world: World, ns: NetNs, socket: Socket, packet: Packet, h: TcpHeader): void {
  const tcp = socket.tcp as TcpControl;
  if (h.ackFlag && h.ack !== tcp.sndNxt) {
    resetFor(world, ns, packet);
    return;
  }
  if (h.rst) {
    if (h.ackFlag) fail(world, ns, socket, 'ECONNREFUSED');
    return;
  }
  if (!h.syn || !h.ackFlag) return;
  takeOptions(ns, tcp, h);
  tcp.irs = h.seq;
  tcp.rcvNxt = plus(h.seq, 1);
  acknowledge(world, tcp, h.ack);
  tcp.state = 'ESTABLISHED';
  tcp.retries = 0;
  confirm(world, ns, socket);
  sendAck(world, ns, socket);
}

function synReceived(world: World, ns: NetNs, socket: Socket, packet: Packet, h: TcpHeader): void {
  const tcp = socket.tcp as TcpControl;
  if (h.syn && !h.ackFlag) {
    sendSegment(world, ns, socket, tcp.iss, { syn: true, ack: true });
    return;
  }
  if (!h.ackFlag || h.ack !== tcp.sndNxt) {
    resetFor(world, ns, packet);
    return;
  }
  const listener = ns.sockets.get(tcp.parent)?.tcp;
  if (!listener) {
    resetFor(world, ns, packet);
    fail(world, ns, socket, null);
    return;
  }
  acknowledge(world, tcp, h.ack);
  tcp.state = 'ESTABLISHED';
  tcp.retries = 0;
  listener.backlog.push(socket.id);
  confirm(world, ns, socket);
  if (packet.data !== '' || h.fin) receiveData(world, ns, socket, packet, h);
}

/** A valid answer proves that the next hop is there: sk_dst_confirm(). */
function confirm(world: World, ns: NetNs, socket: Socket): void {
  const remote = socket.remote?.ip;
  if (remote === undefined) return;
  const route = lookupRoute(world, ns, { dst: remote, src: socket.local.ip });
  if (route.ok && route.type === 'unicast') neighConfirm(world, ns, route.dev, route.gateway ?? remote);
}

function reset(world: World, ns: NetNs, socket: Socket): void {
  const tcp = socket.tcp as TcpControl;
  if (tcp.state === 'TIME_WAIT') {
    ns.sockets.delete(socket.id);
    return;
  }
  fail(world, ns, socket, tcp.state === 'SYN_RECV' ? null : tcp.state === 'CLOSE_WAIT' ? 'EPIPE' : 'ECONNRESET');
}
