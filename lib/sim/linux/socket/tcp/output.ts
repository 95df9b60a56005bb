/** Sending segments: tcp_transmit_skb(), tcp_write_xmit(), tcp_send_fin(). */
import type { World } from '../../../kernel/world.ts';
import { IPPROTO, makePacket, type Packet, type TcpHeader } from '../../../packet/packet.ts';
import { lookupRoute } from '../../route/lookup.ts';
import { ipOutput } from '../../stack/output.ts';
import { count } from '../../stack/snmp.ts';
import { sysctlNum } from '../../sysctl/sysctl.ts';
import type { NetNs, SockAddr, Socket, TcpControl } from '../../types.ts';
import { socketHeader, socketOutput } from '../send.ts';
import { announcedMss, diff, plus, SEND_WINDOW, timestampsOn } from './control.ts';
import { armRetransmit } from './timer.ts';

interface Flags {
  syn?: boolean;
  ack?: boolean;
  fin?: boolean;
  psh?: boolean;
}

/** TSval clock in milliseconds with a random base for each connection. */
const stamp = (world: World, tcp: TcpControl): number =>
  (Math.floor(world.now / 1000) + (tcp.options.tsBase ?? 0)) >>> 0;

function header(world: World, ns: NetNs, socket: Socket, seq: number, flags: Flags): TcpHeader {
  const tcp = socket.tcp as TcpControl;
  const remote = socket.remote as SockAddr;
  const h: TcpHeader = {
    sport: socket.local.port,
    dport: remote.port,
    seq,
    ack: flags.ack ? tcp.rcvNxt : 0,
    syn: flags.syn ?? false,
    ackFlag: flags.ack ?? false,
    fin: flags.fin ?? false,
    rst: false,
    psh: flags.psh ?? false,
    win: tcp.options.wscale === undefined ? 64240 : 502,
  };
  const ts = flags.syn && !flags.ack ? timestampsOn(ns) : tcp.options.ts === 1;
  if (ts) h.ts = { val: stamp(world, tcp), ecr: flags.ack ? (tcp.options.tsRecent ?? 0) : 0 };
  if (!flags.syn) return h;
  const mss = tcp.options.advmss ?? 1460;
  h.mss = mss;
  const segment = flags.ack && ts ? mss - 12 : mss;
  h.win = Math.max(1, Math.floor(65535 / segment)) * segment;
  if (!flags.ack || tcp.options.sack === 1) if (sysctlNum(ns, 'net.ipv4.tcp_sack') !== 0) h.sackOk = true;
  if (!flags.ack || tcp.options.wscale !== undefined)
    if (sysctlNum(ns, 'net.ipv4.tcp_window_scaling') !== 0) h.wscale = 7;
  return h;
}

/** Sends one segment. The errno of the moment matters to connect() alone. */
export function sendSegment(
  world: World,
  ns: NetNs,
  socket: Socket,
  seq: number,
  flags: Flags,
  data = '',
): string | null {
  const remote = socket.remote as SockAddr;
  delete socket.tcp?.options.ackDue;
  const packet = makePacket({
    id: world.next.packet++,
    ip: socketHeader(ns, socket, socket.local.ip, remote.ip, IPPROTO.tcp),
    tcp: header(world, ns, socket, seq, flags),
    data,
    mark: socket.mark,
    iif: 0,
  });
  count(ns, 'Tcp.OutSegs');
  return socketOutput(world, ns, socket, packet);
}

export const sendAck = (world: World, ns: NetNs, socket: Socket): void => {
  sendSegment(world, ns, socket, (socket.tcp as TcpControl).sndNxt, { ack: true });
};

/** Sends the first SYN. Fixes the MSS by the path's MTU. */
export function sendSyn(world: World, ns: NetNs, socket: Socket, mtu: number): string | null {
  const tcp = socket.tcp as TcpControl;
  tcp.options.advmss = announcedMss(mtu, typeof socket.remote?.ip === 'bigint');
  tcp.mss = tcp.options.advmss;
  tcp.sndNxt = plus(tcp.iss, 1);
  const error = sendSegment(world, ns, socket, tcp.iss, { syn: true });
  armRetransmit(world, ns, socket);
  return error;
}

/** Sends what the window allows, then the FIN when one is due. */
export function push(world: World, ns: NetNs, socket: Socket): void {
  const tcp = socket.tcp as TcpControl;
  if (tcp.state !== 'ESTABLISHED' && tcp.state !== 'CLOSE_WAIT') return;
  const before = tcp.sndNxt;
  for (;;) {
    const offset = diff(tcp.sndNxt, tcp.sndUna);
    const left = tcp.sndBuf.length - offset;
    if (left <= 0 || offset >= SEND_WINDOW) break;
    const size = Math.min(left, tcp.mss);
    const seq = tcp.sndNxt;
    tcp.sndNxt = plus(seq, size);
    sendSegment(world, ns, socket, seq, { ack: true, psh: size === left }, tcp.sndBuf.slice(offset, offset + size));
    if (socket.tcp?.state === 'CLOSE') return;
  }
  if (tcp.finQueued && diff(tcp.sndNxt, tcp.sndUna) === tcp.sndBuf.length) {
    const seq = tcp.sndNxt;
    tcp.sndNxt = plus(seq, 1);
    tcp.state = tcp.state === 'ESTABLISHED' ? 'FIN_WAIT1' : 'LAST_ACK';
    sendSegment(world, ns, socket, seq, { ack: true, fin: true });
  }
  if (tcp.sndNxt !== before && tcp.timer === 0) armRetransmit(world, ns, socket);
}

/** Sends the oldest unacknowledged segment again: tcp_retransmit_skb(). */
export function retransmit(world: World, ns: NetNs, socket: Socket): void {
  const tcp = socket.tcp as TcpControl;
  count(ns, 'Tcp.RetransSegs');
  if (tcp.state === 'SYN_SENT') sendSegment(world, ns, socket, tcp.iss, { syn: true });
  else if (tcp.state === 'SYN_RECV') sendSegment(world, ns, socket, tcp.iss, { syn: true, ack: true });
  else if (tcp.sndBuf.length > 0) {
    const size = Math.min(tcp.sndBuf.length, tcp.mss);
    sendSegment(world, ns, socket, tcp.sndUna, { ack: true, psh: true }, tcp.sndBuf.slice(0, size));
  } else sendSegment(world, ns, socket, tcp.sndUna, { ack: true, fin: true });
}

/** tcp_send_active_reset(). */
export function sendReset(world: World, ns: NetNs, socket: Socket): void {
  const tcp = socket.tcp as TcpControl;
  const h = header(world, ns, socket, tcp.sndNxt, { ack: true });
  h.rst = true;
  h.win = 0;
  count(ns, 'Tcp.OutRsts');
  socketOutput(
    world,
    ns,
    socket,
    makePacket({
      id: world.next.packet++,
      ip: socketHeader(ns, socket, socket.local.ip, (socket.remote as SockAddr).ip, IPPROTO.tcp),
      tcp: h,
      data: '',
      mark: socket.mark,
      iif: 0,
    }),
  );
}

/** Answers a segment that no socket takes: tcp_v4_send_reset(). */
export function resetFor(world: World, ns: NetNs, packet: Packet): void {
  const { ip, tcp } = packet;
  if (!ip || !tcp || tcp.rst) return;
  const length = packet.data.length + (tcp.syn ? 1 : 0) + (tcp.fin ? 1 : 0);
  const h: TcpHeader = {
    sport: tcp.dport,
    dport: tcp.sport,
    seq: tcp.ackFlag ? tcp.ack : 0,
    ack: tcp.ackFlag ? 0 : plus(tcp.seq, length),
    syn: false,
    ackFlag: !tcp.ackFlag,
    fin: false,
    rst: true,
    psh: false,
    win: 0,
  };
  count(ns, 'Tcp.OutRsts');
  count(ns, 'Tcp.OutSegs');
  const six = typeof ip.dst === 'bigint';
  ipOutput(
    world,
    ns,
    makePacket({
      id: world.next.packet++,
      ip: {
        src: ip.dst,
        dst: ip.src,
        ttl: sysctlNum(ns, six ? 'net.ipv6.conf.default.hop_limit' : 'net.ipv4.ip_default_ttl'),
        proto: IPPROTO.tcp,
        tos: ip.tos,
        id: 0,
        df: !six,
        mf: false,
        offset: 0,
      },
      tcp: h,
      data: '',
      mark: 0,
      iif: 0,
    }),
    packet.sdif ? { oif: packet.iif } : {},
  );
}

/** MSS for a path that turned out narrower: tcp_v4_mtu_reduced(). */
export function reduceMss(world: World, ns: NetNs, socket: Socket): void {
  const remote = socket.remote as SockAddr;
  const tcp = socket.tcp as TcpControl;
  const route = lookupRoute(world, ns, { dst: remote.ip, src: socket.local.ip });
  if (!route.ok) return;
  const mss = announcedMss(route.mtu, typeof remote.ip === 'bigint') - (tcp.options.ts === 1 ? 12 : 0);
  if (mss >= tcp.mss) return;
  tcp.mss = Math.max(48, mss);
  // Everything under way was too big: send it again in smaller pieces.
  tcp.sndNxt = tcp.sndUna;
  push(world, ns, socket);
}
