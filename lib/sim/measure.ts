/**
 * The data plane driven without programs, for benchmarks: connections and datagrams straight from sockets, with virtual time
 * moved from event to event. The caller brings the clock.
 */
import { parseIp } from './addr/ip.ts';
import type { Machine } from './kernel/machine.ts';
import { fireTimers, nextTimerAt } from './kernel/timers.ts';
import type { World } from './kernel/world.ts';
import { bind, listen, startConnect } from './linux/socket/index.ts';
import { sendTo } from './linux/socket/send.ts';
import { closeSocket, createSocket } from './linux/socket/socket.ts';
import { abort } from './linux/socket/tcp/close.ts';
import type { NetNs, Socket } from './linux/types.ts';
import { type ProbeSource, sourceOptions } from './probe.ts';

/** Reads a clock, in milliseconds. */
export type Clock = () => number;

/** How long one connection took, in the clock's milliseconds. */
export interface ConnectTime {
  /** Until the first packet had come to the endpoint's socket (4 node-hops to a Pod on another node). */
  first: number;
  /** Until the connection was established: SYN, SYN-ACK and the sending of ACK. */
  connect: number;
}

/** What is still under way after a measured flow gets this much virtual time, µs. */
const SETTLE = 20_000;

function netnsOf(machine: Machine, source: ProbeSource): NetNs {
  const found = sourceOptions(machine, source);
  if ('error' in found) throw new Error(found.error);
  const ns = found.netns ?? machine.world.netns.get(found.host?.rootNs ?? 0);
  if (!ns) throw new Error(`no namespace for ${source}`);
  return ns;
}

function settle(world: World): void {
  const until = world.now + SETTLE;
  for (;;) {
    const at = nextTimerAt(world);
    if (at === null || at > until) break;
    if (at > world.now) world.now = at;
    fireTimers(world);
  }
  world.now = until;
}

const segments = (places: readonly NetNs[]): number =>
  places.reduce((n, ns) => n + (ns.snmp.get('Tcp.InSegs') ?? 0), 0);

/** Opens TCP connections from one place to listeners at others, and times each. */
export class ConnectMeter {
  private readonly world: World;
  private readonly from: NetNs;
  private readonly listeners: { ns: NetNs; socket: Socket }[];

  constructor(
    machine: Machine,
    private readonly clock: Clock,
    from: ProbeSource,
    at: readonly ProbeSource[],
    port: number,
  ) {
    this.world = machine.world;
    this.from = netnsOf(machine, from);
    this.listeners = at.map((source) => {
      const ns = netnsOf(machine, source);
      const socket = createSocket(this.world, ns, 'tcp', 0);
      const error = bind(this.world, socket, { ip: 0, port }) ?? listen(this.world, socket, 4096);
      if (error) throw new Error(`no listener at ${source}: ${error}`);
      return { ns, socket };
    });
  }

  /** One connection, closed by RST afterwards. Throws when it does not come about. */
  connect(address: string, port: number): ConnectTime {
    const { world, from, clock } = this;
    const ip = parseIp(address);
    if (ip === null) throw new Error(`no address: ${address}`);
    const places = this.listeners.map((l) => l.ns);
    const before = segments(places);
    const socket = createSocket(world, from, 'tcp', 0);
    let first = 0;
    const start = clock();
    const error = startConnect(world, socket, { ip, port });
    while (error === null && socket.tcp?.state === 'SYN_SENT') {
      const at = nextTimerAt(world);
      if (at === null) break;
      if (at > world.now) world.now = at;
      fireTimers(world);
      if (first === 0 && segments(places) !== before) first = clock() - start;
    }
    const connect = clock() - start;
    const state = socket.tcp?.state;
    abort(world, from, socket);
    settle(world);
    for (const l of this.listeners) if (l.socket.tcp) l.socket.tcp.backlog.length = 0;
    if (state !== 'ESTABLISHED') throw new Error(`no connection to ${address}: ${error ?? socket.error ?? state}`);
    return { first, connect };
  }

  /** Closes the listeners. */
  close(): void {
    for (const { socket } of this.listeners) closeSocket(this.world, socket);
  }
}

/** Sends datagrams one way and counts those that arrive. */
export class DatagramMeter {
  private readonly world: World;
  private readonly sender: Socket;
  private readonly receiver: Socket;

  constructor(machine: Machine, from: ProbeSource, to: ProbeSource, port: number) {
    this.world = machine.world;
    this.sender = createSocket(this.world, netnsOf(machine, from), 'udp', 0);
    this.receiver = createSocket(this.world, netnsOf(machine, to), 'udp', 0);
    bind(this.world, this.receiver, { ip: 0, port });
  }

  /** Sends `count` datagrams of 64 bytes, each when the last is through; answers how many arrived. */
  send(address: string, port: number, count: number): number {
    const { world, sender, receiver } = this;
    const ip = parseIp(address);
    if (ip === null) throw new Error(`no address: ${address}`);
    const data = 'x'.repeat(64);
    let arrived = 0;
    for (let i = 0; i < count; i++) {
      sendTo(world, sender, { ip, port }, data);
      const until = world.now + 1000;
      while (receiver.recvq.length === 0) {
        const at = nextTimerAt(world);
        if (at === null || at > until) break;
        if (at > world.now) world.now = at;
        fireTimers(world);
      }
      arrived += receiver.recvq.length;
      receiver.recvq.length = 0;
    }
    return arrived;
  }
}
