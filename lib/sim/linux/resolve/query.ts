/** One question to one server, over UDP or TCP. */
import type { Ip } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { nextBelow } from '../../kernel/rng.ts';
import type { DnsMessage } from '../../packet/packet.ts';
import { closeSocket, connect, openSocket, recv, recvFrom, sendTo } from '../socket/index.ts';
import { firstMessage, sendMessage } from './stream.ts';
import { decodeDns, encodeDns } from './wire.ts';

export type Reply =
  | { kind: 'answer'; message: DnsMessage; size: number; tcp: boolean }
  | { kind: 'timeout' }
  /** errno of the send, the connection, or an ICMP error. */
  | { kind: 'error'; errno: string; while: 'setup' | 'receive' }
  /** The TCP connection ended before the whole answer came. */
  | { kind: 'closed' };

/** A 16-bit message id. */
export const newId = (proc: Proc): number => nextBelow(proc.world.rng, 65536);

/**
 * Asks all `queries` at once from one socket, as glibc does, and waits until each is answered or `deadline` (virtual µs).
 * `mayFragment`: BIND's programs turn path MTU discovery off (IP_PMTUDISC_OMIT), so their queries carry no DF.
 */
export function* askUdp(
  proc: Proc,
  server: Ip,
  queries: DnsMessage[],
  deadline: number,
  port = 53,
  mayFragment = false,
): Io<Reply[]> {
  const { world } = proc;
  const socket = openSocket(proc, 'udp', { family: typeof server === 'bigint' ? 6 : 4 });
  if (mayFragment) socket.pmtudisc = 'dont';
  const replies: (Reply | undefined)[] = queries.map(() => undefined);
  const failAll = (reply: Reply): Reply[] => queries.map((_, i) => replies[i] ?? reply);
  const to = { ip: server, port };
  try {
    const refused = yield* connect(proc, socket, to);
    if (refused) return failAll({ kind: 'error', errno: refused, while: 'setup' });
    for (const query of queries) {
      const failed = sendTo(world, socket, to, encodeDns(query), { dns: query });
      if (failed) return failAll({ kind: 'error', errno: failed, while: 'setup' });
    }
    while (replies.includes(undefined)) {
      const datagram = yield* recvFrom(proc, socket, deadline);
      if (datagram === null) return failAll({ kind: 'timeout' });
      if ('error' in datagram) return failAll({ kind: 'error', errno: datagram.error, while: 'receive' });
      const message = datagram.dns ?? decodeDns(datagram.data);
      const index = message?.response ? queries.findIndex((q) => q.id === message.id) : -1;
      if (message && index >= 0) replies[index] = { kind: 'answer', message, size: datagram.data.length, tcp: false };
    }
    return failAll({ kind: 'timeout' });
  } finally {
    closeSocket(world, socket);
  }
}

/** Asks one question over TCP. */
export function* askTcp(proc: Proc, server: Ip, query: DnsMessage, deadline: number, port = 53): Io<Reply> {
  const { world } = proc;
  const socket = openSocket(proc, 'tcp', { family: typeof server === 'bigint' ? 6 : 4 });
  try {
    const failed = yield* connect(proc, socket, { ip: server, port }, Math.max(0, deadline - world.now));
    if (failed === 'ETIMEDOUT' || failed === 'EINPROGRESS') return { kind: 'timeout' };
    if (failed) return { kind: 'error', errno: failed, while: 'setup' };
    const broken = yield* sendMessage(proc, socket, query);
    if (broken) return { kind: 'error', errno: broken, while: 'setup' };
    let data = '';
    while (firstMessage(data) === null) {
      const got = yield* recv(proc, socket, deadline);
      if ('timeout' in got) return { kind: 'timeout' };
      if ('error' in got) return { kind: 'error', errno: got.error, while: 'receive' };
      if ('eof' in got) return { kind: 'closed' };
      data += got.data;
    }
    const message = decodeDns(data.slice(2));
    return message ? { kind: 'answer', message, size: data.length - 2, tcp: true } : { kind: 'closed' };
  } finally {
    closeSocket(world, socket);
  }
}
