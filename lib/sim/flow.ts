/**
 * One flow straight from a socket, without a program: what the matrix asks of each pair of Pods, and how SCTP is probed. The packets
 * are the kernel's; what counts is who got them.
 */
import type { Ip } from './addr/ip.ts';
import type { Machine } from './kernel/machine.ts';
import { fireTimers, nextTimerAt } from './kernel/timers.ts';
import type { TraceEvent } from './kernel/trace.ts';
import type { World } from './kernel/world.ts';
import { connectDatagram, startConnect } from './linux/socket/index.ts';
import { sctpAbort, sctpConnect } from './linux/socket/sctp.ts';
import { sendTo } from './linux/socket/send.ts';
import { closeSocket, createSocket } from './linux/socket/socket.ts';
import { abort } from './linux/socket/tcp/close.ts';
import type { NetNs, SockAddr, Socket } from './linux/types.ts';

export type FlowProtocol = 'TCP' | 'UDP' | 'SCTP';

export interface FlowResult {
  /** Label of the namespace whose transport layer got the first packet; null when none did. */
  delivered: string | null;
  /** Whether the answer, when one was sent, came back: a handshake, a datagram, or the refusal of a closed port. */
  answered: boolean;
  /** How it ended for the sender: an errno name, or null. */
  error: string | null;
}

/** What an unanswered first packet is given, µs: longer than any path here takes with its neighbours to find. */
const PATIENCE = 500_000;
/** Why a packet that has come to the transport layer of its destination goes no further. */
const ARRIVED = new Set(['NO_SOCKET', 'IP_NOPROTO', 'SOCKET_RCVBUFF', 'TCP_LISTEN_OVERFLOW']);

/** Steps that follow when a packet has arrived: the error that it is answered with. */
const AFTERWARDS = 1;

/** The step that says that a packet arrived, when it did. */
function arrival(world: World, packet: number, seq: number): TraceEvent | undefined {
  const events = world.trace.newest(packet, seq, 1 + AFTERWARDS);
  return events.find((e) => e.kind === 'deliver' || (e.kind === 'drop' && ARRIVED.has(e.reason)));
}

const namespaceOf = (world: World, { host, ns: label }: TraceEvent): NetNs | undefined => {
  for (const ns of world.netns.values()) if (ns.host === host && ns.label === label) return ns;
  return undefined;
};

const datagramsSent = (ns: NetNs | undefined): number => ns?.snmp.get('Udp.OutDatagrams') ?? 0;

/** Lets the world's own events happen until `done`, or until virtual time `until`. */
function passUntil(world: World, until: number, done: () => boolean): boolean {
  for (;;) {
    if (done()) return true;
    const at = nextTimerAt(world);
    if (at === null || at > until) {
      world.now = Math.max(world.now, until);
      return done();
    }
    if (at > world.now) world.now = at;
    fireTimers(world);
  }
}

const decided = (s: Socket): boolean =>
  s.error !== null ||
  s.recvq.length > 0 ||
  (s.tcp !== undefined && s.tcp.state !== 'SYN_SENT') ||
  (s.sctp !== undefined && !s.sctp.state.startsWith('COOKIE'));

function begin(world: World, socket: Socket, to: SockAddr): string | null {
  if (socket.kind === 'tcp') return startConnect(world, socket, to);
  if (socket.kind === 'sctp') return sctpConnect(world, socket, to);
  return connectDatagram(world, socket, to) ?? sendTo(world, socket, to, 'hostname\n');
}

function end(world: World, ns: NetNs, socket: Socket): void {
  if (socket.kind === 'tcp' && socket.tcp) abort(world, ns, socket);
  else if (socket.kind === 'sctp') sctpAbort(world, ns, socket);
  else closeSocket(world, socket);
  ns.sockets.delete(socket.id);
}

/**
 * Sends one flow from `ns` with a port of its own and waits until it is decided, at most half a second of virtual time. A datagram that
 * is taken and not answered counts as answered, since its receiver owes nothing.
 */
export function sendFlow(machine: Machine, ns: NetNs, protocol: FlowProtocol, ip: Ip, port: number): FlowResult {
  const { world } = machine;
  const { trace } = world;
  const family = typeof ip === 'bigint' ? 6 : 4;
  const kind = protocol === 'TCP' ? 'tcp' : protocol === 'UDP' ? 'udp' : 'sctp';
  const socket = createSocket(world, ns, kind, 0, { family });
  const [wasOff, seq, packet] = [trace.off, trace.nextSeq, world.next.packet];
  trace.off = false;
  const error = begin(world, socket, { ip, port });
  const until = world.now + PATIENCE;
  let taken: TraceEvent | undefined;
  let looked = seq;
  let silent = false;
  const came = (): boolean => {
    if (!taken && trace.nextSeq !== looked) {
      taken = arrival(world, packet, looked);
      looked = trace.nextSeq;
    }
    return taken !== undefined;
  };
  if (error === null) {
    if (kind === 'udp') {
      passUntil(world, until, () => came() || decided(socket));
      // Whoever holds the socket there may answer; a closed port does at once.
      const there = taken?.kind === 'deliver' ? namespaceOf(world, taken) : undefined;
      const before = datagramsSent(there);
      if (there) machine.pump();
      silent = there !== undefined && datagramsSent(there) === before;
      if (!silent) passUntil(world, Math.min(until, world.now + 50_000), () => decided(socket));
    } else passUntil(world, until, () => decided(socket));
    came();
  }
  const failure = error ?? socket.error;
  const answered = decided(socket) || silent;
  end(world, ns, socket);
  trace.off = wasOff;
  return { delivered: taken?.ns ?? null, answered, error: failure };
}
