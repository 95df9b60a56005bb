/** ICMP errors for TCP: tcp_v4_err(). */
import type { World } from '../../../kernel/world.ts';
import type { NetNs, Socket, TcpControl } from '../../types.ts';
import { diff, fail } from './control.ts';
import { reduceMss } from './output.ts';

/** A connection being made fails; an established one remembers, and adapts to a smaller path MTU. */
export function tcpError(world: World, ns: NetNs, socket: Socket, errno: string, tooBig: boolean, seq: number): void {
  const tcp = socket.tcp as TcpControl;
  if (tcp.state !== 'SYN_SENT' && (diff(seq, tcp.sndUna) < 0 || diff(seq, tcp.sndNxt) > 0)) return;
  if (tooBig) {
    if (tcp.state !== 'SYN_SENT') reduceMss(world, ns, socket);
    return;
  }
  if (tcp.state === 'SYN_SENT' || tcp.state === 'SYN_RECV') fail(world, ns, socket, errno);
  else if (errno === 'EHOSTUNREACH') tcp.options.softError = 1;
}
