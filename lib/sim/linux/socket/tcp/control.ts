/** A connection's control block and its arithmetic. RFC 9293. */
import { nextU32 } from '../../../kernel/rng.ts';
import { cancelTimer } from '../../../kernel/timers.ts';
import type { World } from '../../../kernel/world.ts';
import { sysctlNum } from '../../sysctl/sysctl.ts';
import type { NetNs, Socket, TcpControl, TcpState } from '../../types.ts';

export const INITIAL_RTO = 1_000_000;
/** TCP_RTO_MAX, and what a retransmission timeout of data starts from on these short paths. */
export const RTO_MAX = 120_000_000;
export const DATA_RTO = 204_000;
/** TCP_TIMEWAIT_LEN. */
export const TIME_WAIT = 60_000_000;
/** Bytes under way without an acknowledgement, and held for a sender that is faster than its receiver. */
export const SEND_WINDOW = 65_536;
export const SEND_BUFFER = 262_144;

/** Signed distance of two sequence numbers. */
export const diff = (a: number, b: number): number => (a - b) | 0;
export const plus = (seq: number, n: number): number => (seq + n) >>> 0;

/** A fresh control block with a random initial sequence number. */
export function newControl(world: World, state: TcpState, mss: number): TcpControl {
  const iss = nextU32(world.rng);
  return {
    state,
    sndNxt: iss,
    sndUna: iss,
    rcvNxt: 0,
    iss,
    irs: 0,
    mss,
    rcvBuf: '',
    sndBuf: '',
    finQueued: false,
    peerClosed: false,
    backlog: [],
    backlogMax: 0,
    parent: 0,
    retries: 0,
    timer: 0,
    rto: INITIAL_RTO,
    options: { tsBase: nextU32(world.rng) >>> 4 },
  };
}

export function stopTimer(world: World, tcp: TcpControl): void {
  if (tcp.timer !== 0) cancelTimer(world, tcp.timer);
  tcp.timer = 0;
}

/** Ends a connection with an error for whoever holds the socket: tcp_done(). */
export function fail(world: World, ns: NetNs, socket: Socket, errno: string | null): void {
  const tcp = socket.tcp as TcpControl;
  stopTimer(world, tcp);
  tcp.state = 'CLOSE';
  if (errno !== null) socket.error = errno;
  tcp.sndBuf = '';
  tcp.peerClosed = true;
  if (tcp.parent !== 0) forgetChild(ns, socket, tcp.parent);
  if (isOrphan(socket) || tcp.parent !== 0) ns.sockets.delete(socket.id);
}

function forgetChild(ns: NetNs, socket: Socket, parent: number): void {
  const listener = ns.sockets.get(parent)?.tcp;
  if (listener) listener.backlog = listener.backlog.filter((id) => id !== socket.id);
}

/** No process holds it any more. */
export const isOrphan = (socket: Socket): boolean => socket.tcp?.options.orphan === 1;

/** The MSS to announce over a path. */
export const announcedMss = (mtu: number, six: boolean): number => mtu - (six ? 60 : 40);

export const timestampsOn = (ns: NetNs): boolean => sysctlNum(ns, 'net.ipv4.tcp_timestamps') !== 0;
