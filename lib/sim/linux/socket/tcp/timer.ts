/** Retransmission and waiting states: tcp_retransmit_timer(), tcp_time_wait(). */
import { onTimer, setTimer } from '../../../kernel/timers.ts';
import type { World } from '../../../kernel/world.ts';
import { sysctlNum } from '../../sysctl/sysctl.ts';
import type { NetNs, Socket, TcpControl } from '../../types.ts';
import { DATA_RTO, fail, INITIAL_RTO, isOrphan, RTO_MAX, stopTimer, TIME_WAIT } from './control.ts';
import { retransmit, sendAck } from './output.ts';

/**
 * How long a timer of the kernel's wheel really takes: it fires at the next tick of its level (kernel/time/timer.c,
 * HZ 1000), so that one of a second comes up to 64 ms late.
 */
function wheelDelay(world: World, us: number): number {
  const ms = us / 1000;
  const tick = 1000 * (ms < 64 ? 1 : ms < 512 ? 8 : ms < 4096 ? 64 : ms < 32768 ? 512 : 4096);
  return (Math.floor((world.now + us) / tick) + 1) * tick - world.now;
}

/** (Re)starts the retransmission timer. */
export function armRetransmit(world: World, ns: NetNs, socket: Socket): void {
  const tcp = socket.tcp as TcpControl;
  stopTimer(world, tcp);
  if (tcp.retries === 0) tcp.rto = tcp.state === 'SYN_SENT' || tcp.state === 'SYN_RECV' ? INITIAL_RTO : DATA_RTO;
  tcp.timer = setTimer(world, wheelDelay(world, tcp.rto), 'tcp-rto', { ns: ns.id, socket: socket.id });
}

onTimer<{ ns: number; socket: number }>('tcp-rto', (world, { ns: id, socket: sid }) => {
  const ns = world.netns.get(id);
  const socket = ns?.sockets.get(sid);
  if (!ns || !socket?.tcp) return;
  const { tcp } = socket;
  tcp.timer = 0;
  tcp.retries++;
  const [limit, linear] = limits(ns, socket);
  if (tcp.retries > limit + linear) {
    fail(world, ns, socket, tcp.options.softError === 1 ? 'EHOSTUNREACH' : 'ETIMEDOUT');
    return;
  }
  retransmit(world, ns, socket);
  if (socket.tcp.state === 'CLOSE') return;
  if (tcp.retries > linear) tcp.rto = Math.min(tcp.rto * 2, RTO_MAX);
  armRetransmit(world, ns, socket);
});

/** TCP_ATO_MIN: how long an acknowledgement waits for something to go with. */
const DELAYED_ACK = 40_000;

/** tcp_send_delayed_ack(): an open end answers a FIN with its own when it closes at once (pingpong mode). */
export function delayAck(world: World, ns: NetNs, socket: Socket): void {
  const tcp = socket.tcp as TcpControl;
  tcp.options.ackDue = 1;
  setTimer(world, DELAYED_ACK, 'tcp-delack', { ns: ns.id, socket: socket.id });
}

onTimer<{ ns: number; socket: number }>('tcp-delack', (world, { ns: id, socket: sid }) => {
  const ns = world.netns.get(id);
  const socket = ns?.sockets.get(sid);
  if (ns && socket?.tcp?.options.ackDue === 1) sendAck(world, ns, socket);
});

/** How often a segment is sent again, and how many of these times the timeout stays as it is. */
function limits(ns: NetNs, socket: Socket): [number, number] {
  const state = socket.tcp?.state;
  if (state === 'SYN_SENT')
    return [sysctlNum(ns, 'net.ipv4.tcp_syn_retries'), sysctlNum(ns, 'net.ipv4.tcp_syn_linear_timeouts')];
  if (state === 'SYN_RECV') return [sysctlNum(ns, 'net.ipv4.tcp_synack_retries'), 0];
  if (isOrphan(socket)) return [sysctlNum(ns, 'net.ipv4.tcp_orphan_retries') || 8, 0];
  return [sysctlNum(ns, 'net.ipv4.tcp_retries2'), 0];
}

/** Enters TIME_WAIT: the socket belongs to nobody and leaves after a minute. */
export function enterTimeWait(world: World, ns: NetNs, socket: Socket): void {
  const tcp = socket.tcp as TcpControl;
  stopTimer(world, tcp);
  tcp.state = 'TIME_WAIT';
  if (!isOrphan(socket)) return;
  socket.pid = 0;
  tcp.timer = setTimer(world, TIME_WAIT, 'tcp-gone', { ns: ns.id, socket: socket.id });
}

/** An orphan waits for the peer's FIN no longer than tcp_fin_timeout. */
export function waitForPeer(world: World, ns: NetNs, socket: Socket): void {
  const tcp = socket.tcp as TcpControl;
  stopTimer(world, tcp);
  tcp.timer = setTimer(world, sysctlNum(ns, 'net.ipv4.tcp_fin_timeout') * 1e6, 'tcp-gone', {
    ns: ns.id,
    socket: socket.id,
  });
}

onTimer<{ ns: number; socket: number }>('tcp-gone', (world, { ns: id, socket: sid }) => {
  world.netns.get(id)?.sockets.delete(sid);
});
