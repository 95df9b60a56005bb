/** Sockets of a network namespace, as plain data. Behaviour stands in `socket/`. */
import type { Ip } from '../addr/ip.ts';
import type { DnsMessage, Packet } from '../packet/packet.ts';

export interface SockAddr {
  ip: Ip;
  port: number;
}

export type TcpState =
  | 'CLOSE'
  | 'LISTEN'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT1'
  | 'FIN_WAIT2'
  | 'CLOSE_WAIT'
  | 'CLOSING'
  | 'LAST_ACK'
  | 'TIME_WAIT';

/** A received datagram, or what a raw or ping socket saw. */
export interface Datagram {
  from: SockAddr;
  to: Ip;
  ttl: number;
  data: string;
  dns?: DnsMessage;
  /** The whole packet, for raw and ICMP sockets. */
  packet: Packet;
  at: number;
}

export interface Socket {
  id: number;
  ns: number;
  kind: 'tcp' | 'udp' | 'sctp' | 'icmp' | 'raw';
  /** Protocol of a raw socket. */
  proto: number;
  family: 4 | 6;
  pid: number;
  local: SockAddr;
  remote: SockAddr | null;
  /** Bound to a device (SO_BINDTODEVICE), 0 for none. */
  dev: number;
  mark: number;
  ttl: number;
  tos: number;
  reuse: boolean;
  broadcast: boolean;
  /** IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP: off. */
  noLoop?: boolean;
  /** IP_MTU_DISCOVER: want, do (never fragment), dont. */
  pmtudisc: 'want' | 'do' | 'dont' | 'probe';
  /** Datagrams waiting to be read (udp, icmp, raw). */
  recvq: Datagram[];
  /** Pending asynchronous error as recvmsg would return it: `ECONNREFUSED`, `EHOSTUNREACH`, `EMSGSIZE` … */
  error: string | null;
  /** IP_RECVERR queue: ICMP errors with their sender. */
  /** IP_RECVERR: soft errors count, too. */
  recverr?: boolean;
  /** IPV6_V6ONLY: a wildcard IPv6 socket otherwise takes IPv4 as well. */
  v6only?: boolean;
  errq: {
    errno: string;
    from: Ip;
    type: number;
    code: number;
    mtu: number;
    ttl?: number;
    quoted: Packet;
    at: number;
  }[];
  tcp?: TcpControl;
  sctp?: SctpControl;
}

/** One-to-one style SCTP socket: its association (RFC 9260, 4), or its listener's queue. */
export interface SctpControl {
  state: 'CLOSED' | 'LISTEN' | 'COOKIE_WAIT' | 'COOKIE_ECHOED' | 'ESTABLISHED' | 'SHUTDOWN_SENT' | 'SHUTDOWN_ACK_SENT';
  /** Verification tags: the one we chose, the peer's. */
  tag: number;
  peerTag: number;
  /** Listener: ids of associations waiting for accept(). */
  backlog: number[];
  backlogMax: number;
  retries: number;
  /** Timer id of T1 or T2, 0 for none. */
  timer: number;
}

export interface TcpControl {
  state: TcpState;
  /** Next sequence to send, oldest unacknowledged, next expected. */
  sndNxt: number;
  sndUna: number;
  rcvNxt: number;
  iss: number;
  irs: number;
  mss: number;
  /** Stream bytes received and not yet read; bytes written and not yet sent or acknowledged. */
  rcvBuf: string;
  sndBuf: string;
  finQueued: boolean;
  peerClosed: boolean;
  /** Listener: id of connections waiting for accept(). */
  backlog: number[];
  backlogMax: number;
  parent: number;
  retries: number;
  /** Timer id of the pending retransmission, 0 for none. */
  timer: number;
  rto: number;
  /** SO_LINGER or abortive close requested. */
  options: Record<string, number>;
}
