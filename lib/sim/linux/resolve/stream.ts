/** DNS over TCP: each message after its length in two bytes. Source: RFC 1035 §4.2.2, RFC 7766. */
import type { Io, Proc } from '../../kernel/process.ts';
import type { DnsMessage } from '../../packet/packet.ts';
import { closeSocket, recv, send } from '../socket/index.ts';
import type { Socket } from '../types.ts';
import { decodeDns, encodeDns } from './wire.ts';

/** Sends a message on a connection. Answers an errno name or null. */
export function* sendMessage(proc: Proc, connection: Socket, message: DnsMessage): Io<string | null> {
  const bytes = encodeDns(message);
  return yield* send(proc, connection, String.fromCharCode(bytes.length >> 8, bytes.length & 255) + bytes);
}

/** The first whole message's bytes, without the length; null when it is not all there yet. */
export function firstMessage(buffer: string): string | null {
  if (buffer.length < 2) return null;
  const end = 2 + buffer.charCodeAt(0) * 256 + buffer.charCodeAt(1);
  return buffer.length < end ? null : buffer.slice(2, end);
}

/** Serves one connection until its client ends it or is silent for `idle` µs, then closes it. What is no message is passed over. */
export function* serveMessages(
  proc: Proc,
  connection: Socket,
  idle: number,
  serve: (query: DnsMessage, size: number) => Io<void>,
): Io<void> {
  let buffer = '';
  for (;;) {
    const got = yield* recv(proc, connection, proc.world.now + idle);
    if (!('data' in got)) break;
    buffer += got.data;
    for (let bytes = firstMessage(buffer); bytes !== null; bytes = firstMessage(buffer)) {
      buffer = buffer.slice(2 + bytes.length);
      const query = decodeDns(bytes);
      if (query) yield* serve(query, bytes.length);
    }
  }
  closeSocket(proc.world, connection);
}
