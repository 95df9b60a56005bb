/** close(2) and shutdown(2) on TCP sockets: tcp_close(), tcp_shutdown(). */
import type { World } from '../../../kernel/world.ts';
import type { NetNs, Socket, TcpControl } from '../../types.ts';
import { stopTimer } from './control.ts';
import { push, sendReset } from './output.ts';
import { enterTimeWait, waitForPeer } from './timer.ts';

/** No more data will be sent: SHUT_WR. */
export function tcpShutdown(world: World, ns: NetNs, socket: Socket): void {
  const { tcp } = socket;
  if (!tcp || tcp.finQueued) return;
  if (tcp.state !== 'ESTABLISHED' && tcp.state !== 'CLOSE_WAIT') return;
  tcp.finQueued = true;
  push(world, ns, socket);
}

/** The process lets go of the socket. Unread data makes it a reset. */
export function tcpClose(world: World, ns: NetNs, socket: Socket): void {
  const tcp = socket.tcp as TcpControl;
  const open = tcp.state === 'ESTABLISHED' || tcp.state === 'CLOSE_WAIT';
  if (open && tcp.rcvBuf !== '') {
    abort(world, ns, socket);
    return;
  }
  // The process still holds what it sends its FIN with.
  if (open) tcpShutdown(world, ns, socket);
  tcp.options.orphan = 1;
  if (open) return;
  switch (tcp.state) {
    case 'LISTEN':
      for (const id of tcp.backlog) {
        const child = ns.sockets.get(id);
        if (child) abort(world, ns, child);
      }
      for (const other of [...ns.sockets.values()]) if (other.tcp?.parent === socket.id) abort(world, ns, other);
      ns.sockets.delete(socket.id);
      return;
    case 'CLOSE':
    case 'SYN_SENT':
      stopTimer(world, tcp);
      ns.sockets.delete(socket.id);
      return;
    case 'TIME_WAIT':
      enterTimeWait(world, ns, socket);
      return;
    case 'FIN_WAIT2':
      waitForPeer(world, ns, socket);
      return;
    default:
  }
}

/** Ends a connection at once, with a reset to the peer: tcp_disconnect(), SO_LINGER 0. */
export function abort(world: World, ns: NetNs, socket: Socket): void {
  const tcp = socket.tcp as TcpControl;
  stopTimer(world, tcp);
  if (tcp.state !== 'CLOSE' && tcp.state !== 'SYN_SENT' && tcp.state !== 'TIME_WAIT') sendReset(world, ns, socket);
  tcp.state = 'CLOSE';
  ns.sockets.delete(socket.id);
}
