/** How each method probes: UDP to rising ports, ICMP echo, TCP SYN. mod-*.c of traceroute 2.1.2. */
import { type Ip, parseIp } from '../../addr/ip.ts';
import type { Proc } from '../../kernel/process.ts';
import { nextBelow, nextU32 } from '../../kernel/rng.ts';
import { lookupRoute } from '../../linux/route/lookup.ts';
import {
  bind,
  bindToDevice,
  closeSocket,
  connectDatagram,
  openSocket,
  type SocketKind,
  sendIcmp,
  sendTo,
  socketOutput,
} from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import { IPPROTO, makePacket, type TcpHeader } from '../../packet/packet.ts';
import type { Options } from './options.ts';
import { type Method, noteIcmp, type Probe } from './run.ts';

interface Failed {
  call: string;
  errno: string;
}

const UDP_HEADERS = 28;
const UDP6_HEADERS = 48;
const FIRST_PORT = 33434;

/** Bytes of a probe as the header line tells them. */
export function packetLength(o: Options, to: Ip): number {
  const six = typeof to === 'bigint';
  const smallest = six ? UDP6_HEADERS : UDP_HEADERS;
  if (o.mtu && o.length === null && o.method !== 'tcp') return 65000;
  if (o.method === 'tcp' || o.length === null) return six ? 80 : 60;
  return Math.max(o.length, smallest);
}

/** A socket as the options want it. */
function prepare(proc: Proc, o: Options, kind: SocketKind, to: Ip, proto?: number): Socket | Failed {
  const family = typeof to === 'bigint' ? 6 : 4;
  const socket = openSocket(proc, kind, proto === undefined ? { family } : { family, proto });
  socket.recverr = true;
  socket.tos = o.tos;
  socket.mark = o.mark;
  socket.pmtudisc = o.mtu || o.dontFragment ? 'probe' : 'dont';
  if (o.device) {
    const link = [...proc.netns.links.values()].find((l) => l.name === o.device);
    const failed = bindToDevice(proc.world, socket, link);
    if (failed) return { call: 'setsockopt SO_BINDTODEVICE', errno: failed };
  }
  if (o.source) {
    const ip = parseIp(o.source);
    const failed = ip === null ? 'EINVAL' : bind(proc.world, socket, { ip, port: 0 });
    if (failed) return { call: 'bind', errno: failed };
  }
  if (o.sport !== null) socket.local = { ip: socket.local.ip, port: o.sport };
  if (o.onLink) {
    const route = lookupRoute(proc.world, proc.netns, { dst: to });
    if (route.ok && route.gateway !== null) return { call: 'connect', errno: 'ENETUNREACH' };
  }
  return socket;
}

const payload = (size: number): string =>
  String.fromCharCode(...Array.from({ length: size }, (_, i) => 0x40 + (i & 0x3f)));

function answered(probe: Probe, from: Ip, at: number, ttl?: number): void {
  probe.from = from;
  probe.ttlBack = ttl ?? null;
  probe.receivedAt = at;
  probe.final = true;
  probe.done = true;
}

/** The default method (a port more for each probe) and -U (one port): a connected socket for each probe. */
export function udpMethod(proc: Proc, o: Options, to: Ip): Method {
  const sockets = new Map<Probe, Socket>();
  const headers = typeof to === 'bigint' ? UDP6_HEADERS : UDP_HEADERS;
  let size = packetLength(o, to);
  let port = o.port ?? (o.method === 'udp' ? 53 : FIRST_PORT);
  const heard = (s: Socket) => s.errq.some((e) => e.type >= 0) || s.recvq.length > 0;
  return {
    *send(probe) {
      const socket = prepare(proc, o, 'udp', to);
      if ('call' in socket) return socket;
      socket.ttl = probe.ttl;
      const target = { ip: to, port };
      if (o.method !== 'udp') port = (port + 1) & 0xffff;
      const failed = connectDatagram(proc.world, socket, target);
      if (failed) return { call: 'connect', errno: failed };
      let unsent = sendTo(proc.world, socket, target, payload(size - headers));
      const local = socket.errq.find((e) => e.type === -1);
      if (o.mtu && unsent === 'EMSGSIZE' && local && local.mtu < size) {
        size = local.mtu;
        probe.note = `F=${size}`;
        socket.errq.length = 0;
        socket.error = null;
        unsent = sendTo(proc.world, socket, target, payload(size - headers));
      }
      sockets.set(probe, socket);
      return unsent && unsent !== 'EMSGSIZE' && unsent !== 'EHOSTUNREACH' ? { call: 'send', errno: unsent } : null;
    },
    pending: () => [...sockets.values()].some(heard),
    receive() {
      for (const [probe, socket] of sockets) {
        const error = socket.errq.find((e) => e.type >= 0);
        const reply = socket.recvq[0];
        const tooBig = error && o.mtu && error.errno === 'EMSGSIZE' && error.mtu < size;
        if (reply) answered(probe, reply.from.ip, reply.at, reply.ttl);
        else if (tooBig) {
          size = error.mtu;
          probe.note = `F=${size}`;
          probe.sentAt = null;
        } else if (error) noteIcmp(probe, error);
        if (!probe.done && !tooBig) continue;
        closeSocket(proc.world, socket);
        sockets.delete(probe);
      }
    },
  };
}

/** -I: echo requests from one raw socket, told apart by their sequence numbers. */
export function icmpMethod(proc: Proc, o: Options, to: Ip): Method | Failed {
  const socket = prepare(proc, o, 'raw', to);
  if ('call' in socket) return socket;
  const connected = connectDatagram(proc.world, socket, { ip: to, port: 0 });
  if (connected) return { call: 'connect', errno: connected };
  const six = typeof to === 'bigint';
  const id = proc.info.pid & 0xffff;
  const data = payload(Math.max(0, packetLength(o, to) - (six ? UDP6_HEADERS : UDP_HEADERS)));
  let seq = o.port ?? 1;
  const bySeq = new Map<number, Probe>();
  return {
    *send(probe) {
      socket.ttl = probe.ttl;
      bySeq.set(seq, probe);
      const failed = sendIcmp(proc.world, socket, to, { type: six ? 128 : 8, code: 0, id, seq }, data);
      seq = (seq + 1) & 0xffff;
      return failed && failed !== 'EMSGSIZE' && failed !== 'EHOSTUNREACH' ? { call: 'send', errno: failed } : null;
    },
    pending: () => socket.errq.length > 0 || socket.recvq.length > 0,
    receive() {
      for (const datagram of socket.recvq.splice(0)) {
        const { icmp } = datagram.packet;
        const probe = icmp?.type === (six ? 129 : 0) && icmp.id === id ? bySeq.get(icmp.seq ?? -1) : undefined;
        if (probe && !probe.done) answered(probe, datagram.from.ip, datagram.at, datagram.ttl);
      }
      socket.error = null;
      for (const error of socket.errq.splice(0)) {
        const { icmp } = error.quoted;
        const probe = error.type >= 0 && icmp?.id === id ? bySeq.get(icmp.seq ?? -1) : undefined;
        if (probe && !probe.done) noteIcmp(probe, error);
      }
    },
  };
}

const flagNames = (t: TcpHeader): string =>
  [t.fin && 'fin', t.syn && 'syn', t.rst && 'rst', t.psh && 'psh', t.ackFlag && 'ack'].filter(Boolean).join(',');

/** -T: half-open connections made by hand, told apart by their source ports. */
export function tcpMethod(proc: Proc, o: Options, to: Ip): Method | Failed {
  const socket = prepare(proc, o, 'raw', to, IPPROTO.tcp);
  if ('call' in socket) return socket;
  const { world, netns } = proc;
  const byPort = new Map<number, Probe>();
  const dport = o.port ?? 80;
  const connected = connectDatagram(world, socket, { ip: to, port: 0 });
  if (connected) return { call: 'connect', errno: connected };
  return {
    *send(probe) {
      let sport = o.sport ?? 0;
      if (o.sport === null)
        do sport = 32768 + nextBelow(world.rng, 28232);
        while (byPort.has(sport));
      byPort.set(sport, probe);
      const packet = makePacket({
        id: world.next.packet++,
        ip: {
          src: socket.local.ip,
          dst: to,
          ttl: probe.ttl,
          proto: IPPROTO.tcp,
          tos: o.tos,
          id: 0,
          df: true,
          mf: false,
          offset: 0,
        },
        tcp: {
          sport,
          dport,
          seq: nextU32(world.rng),
          ack: 0,
          syn: true,
          ackFlag: false,
          fin: false,
          rst: false,
          psh: false,
          win: 5840,
          mss: 1460,
          sackOk: true,
          ts: { val: nextU32(world.rng), ecr: 0 },
          wscale: 2,
        },
        data: '',
        mark: o.mark,
        iif: 0,
      });
      const failed = socketOutput(world, netns, socket, packet);
      return failed && failed !== 'EHOSTUNREACH' ? { call: 'send', errno: failed } : null;
    },
    pending: () => socket.errq.length > 0 || socket.recvq.length > 0,
    receive() {
      for (const datagram of socket.recvq.splice(0)) {
        const t = datagram.packet.tcp;
        const probe = t && datagram.from.ip === to && t.sport === dport ? byPort.get(t.dport) : undefined;
        if (!probe || probe.done) continue;
        answered(probe, to, datagram.at, datagram.ttl);
        if (o.info && t) probe.ext = flagNames(t);
      }
      socket.error = null;
      for (const error of socket.errq.splice(0)) {
        const probe = error.type >= 0 && error.quoted.tcp ? byPort.get(error.quoted.tcp.sport) : undefined;
        if (probe && !probe.done) noteIcmp(probe, error);
      }
    },
  };
}
