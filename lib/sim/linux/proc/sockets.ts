/** /proc/net/tcp, udp, raw, icmp and their IPv6 twins: net/ipv4/tcp_ipv4.c, udp.c, raw.c, ping.c. */
import type { NetNs, Socket, TcpState } from '../types.ts';
import { hex4 } from './net.ts';

const STATES: Readonly<Record<TcpState, number>> = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
};

const WIDTH = { tcp: 149, udp: 127, raw: 127, icmp: 127 } as const;

/** An IPv6 address as four words in the machine's byte order. */
function hex6(ip: bigint): string {
  let text = '';
  for (let i = 3; i >= 0; i--) text += hex4(Number((ip >> BigInt(i * 32)) & 0xffffffffn));
  return text;
}

const port = (n: number): string => n.toString(16).toUpperCase().padStart(4, '0');
const word = (n: number): string => n.toString(16).toUpperCase().padStart(8, '0');

function end(family: 4 | 6, at: { ip: number | bigint; port: number } | null): string {
  const ip = at?.ip ?? 0;
  const address = family === 4 ? hex4(typeof ip === 'bigint' ? Number(ip & 0xffffffffn) : ip) : hex6(BigInt(ip));
  return `${address}:${port(at?.port ?? 0)}`;
}

/** Unread bytes: for a listener, connections that wait for accept(). */
const unread = (s: Socket): number =>
  s.tcp
    ? s.tcp.state === 'LISTEN'
      ? s.tcp.backlog.length
      : s.tcp.rcvBuf.length
    : s.recvq.reduce((n, d) => n + d.data.length, 0);

function tcpRow(s: Socket, slot: number): string {
  const state = s.tcp ? STATES[s.tcp.state] : 7;
  const unsent = s.tcp && s.tcp.state !== 'LISTEN' ? s.tcp.sndBuf.length : 0;
  return `${String(slot).padStart(4)}: ${end(s.family, s.local)} ${end(s.family, s.remote)} ${state.toString(16).toUpperCase().padStart(2, '0')} ${word(unsent)}:${word(unread(s))} 00:00000000 00000000 ${'0'.padStart(5)} ${'0'.padStart(8)} ${s.id} 1 0000000000000000 100 0 0 10 0`;
}

function datagramRow(s: Socket, slot: number): string {
  return `${String(slot).padStart(5)}: ${end(s.family, s.local)} ${end(s.family, s.remote)} ${s.remote ? '01' : '07'} ${word(0)}:${word(unread(s))} 00:00000000 00000000 ${'0'.padStart(5)} ${'0'.padStart(8)} ${s.id} 2 0000000000000000 0`;
}

const HEADS = {
  tcp4: '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  tcp6: '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
  udp4: '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
  raw4: '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
  dgram6:
    '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops',
};

/** One of the files. IPv6 rows are not padded, as in the kernel. */
export function socketFile(ns: NetNs, kind: Exclude<Socket['kind'], 'sctp'>, family: 4 | 6): string {
  const sockets = [...ns.sockets.values()].filter(
    (s) => s.kind === kind && s.family === family && !(kind === 'tcp' && s.tcp?.state === 'CLOSE'),
  );
  const head =
    kind === 'tcp'
      ? family === 4
        ? HEADS.tcp4
        : HEADS.tcp6
      : family === 6
        ? HEADS.dgram6
        : kind === 'udp'
          ? HEADS.udp4
          : HEADS.raw4;
  const rows = [head, ...sockets.map((s, i) => (kind === 'tcp' ? tcpRow(s, i) : datagramRow(s, i)))];
  const width = family === 4 ? WIDTH[kind] : 0;
  return `${rows.map((row) => row.padEnd(width)).join('\n')}\n`;
}
