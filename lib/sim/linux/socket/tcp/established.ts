/** Segments of connections that are open or closing: tcp_ack(), tcp_data_queue(), tcp_fin(). */
import type { World } from '../../../kernel/world.ts';
import type { Packet, TcpHeader } from '../../../packet/packet.ts';
import type { NetNs, Socket, TcpControl } from '../../types.ts';
import { diff, isOrphan, plus, stopTimer } from './control.ts';
import { push, resetFor, sendAck } from './output.ts';
import { armRetransmit, delayAck, enterTimeWait, waitForPeer } from './timer.ts';

/** Unread bytes a connection holds before it stops taking more. */
const RECEIVE_BUFFER = 524_288;

/** Takes an acknowledgement; true when it is new. */
export function acknowledge(world: World, tcp: TcpControl, ack: number): boolean {
  const fresh = diff(ack, tcp.sndUna);
  if (fresh <= 0 || diff(ack, tcp.sndNxt) > 0) return false;
  // SYN and FIN take a number but no byte.
  const bytes = Math.min(tcp.sndBuf.length, tcp.sndUna === tcp.iss ? fresh - 1 : fresh);
  tcp.sndBuf = tcp.sndBuf.slice(bytes);
  tcp.sndUna = ack;
  tcp.retries = 0;
  stopTimer(world, tcp);
  return true;
}

/** A segment for an open, closing or TIME_WAIT connection. */
export function established(world: World, ns: NetNs, socket: Socket, packet: Packet, h: TcpHeader): void {
  const tcp = socket.tcp as TcpControl;
  if (h.syn) {
    sendAck(world, ns, socket);
    return;
  }
  if (!h.ackFlag) return;
  const fresh = acknowledge(world, tcp, h.ack);
  const finAcked = tcp.finQueued && tcp.sndUna === tcp.sndNxt && tcp.sndBuf === '';
  if (fresh && tcp.sndUna !== tcp.sndNxt) armRetransmit(world, ns, socket);
  if (finAcked && !acknowledgedFin(world, ns, socket)) return;
  if (packet.data !== '' || h.fin) receiveData(world, ns, socket, packet, h);
  else if (diff(h.seq, tcp.rcvNxt) < 0) sendAck(world, ns, socket);
  push(world, ns, socket);
}

/** The peer has our FIN. False when the connection is gone with it. */
function acknowledgedFin(world: World, ns: NetNs, socket: Socket): boolean {
  const tcp = socket.tcp as TcpControl;
  switch (tcp.state) {
    case 'FIN_WAIT1':
      tcp.state = 'FIN_WAIT2';
      if (isOrphan(socket)) waitForPeer(world, ns, socket);
      return true;
    case 'CLOSING':
      enterTimeWait(world, ns, socket);
      return false;
    case 'LAST_ACK':
      stopTimer(world, tcp);
      tcp.state = 'CLOSE';
      ns.sockets.delete(socket.id);
      return false;
    default:
      return true;
  }
}

/** In-order data and FIN; anything else is answered with what is expected. */
export function receiveData(world: World, ns: NetNs, socket: Socket, packet: Packet, h: TcpHeader): void {
  const tcp = socket.tcp as TcpControl;
  const ahead = diff(h.seq, tcp.rcvNxt);
  const skip = ahead < 0 ? -ahead : 0;
  if (ahead > 0 || tcp.state === 'TIME_WAIT' || tcp.peerClosed) {
    sendAck(world, ns, socket);
    return;
  }
  const data = packet.data.slice(skip);
  if (data !== '') {
    if (isOrphan(socket) && (tcp.state === 'FIN_WAIT1' || tcp.state === 'FIN_WAIT2')) {
      // Data for a socket nobody reads: the peer is told with a reset.
      resetFor(world, ns, packet);
      stopTimer(world, tcp);
      tcp.state = 'CLOSE';
      ns.sockets.delete(socket.id);
      return;
    }
    if (tcp.rcvBuf.length + data.length > RECEIVE_BUFFER) return;
    tcp.rcvBuf += data;
    tcp.rcvNxt = plus(tcp.rcvNxt, data.length);
  }
  const fin = h.fin && plus(h.seq, packet.data.length) === tcp.rcvNxt;
  if (fin) {
    tcp.rcvNxt = plus(tcp.rcvNxt, 1);
    tcp.peerClosed = true;
    if (tcp.state === 'ESTABLISHED') {
      tcp.state = 'CLOSE_WAIT';
      delayAck(world, ns, socket);
      return;
    }
    if (tcp.state === 'FIN_WAIT1') tcp.state = 'CLOSING';
    else if (tcp.state === 'FIN_WAIT2') {
      sendAck(world, ns, socket);
      enterTimeWait(world, ns, socket);
      return;
    }
  }
  if (fin || packet.data !== '') sendAck(world, ns, socket);
}
