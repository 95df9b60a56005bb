/** The one HTTP exchange both wgets make: connect, send, read. */
import type { Ip } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { closeSocket, connect, openSocket, recv, send } from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import { ResponseReader } from '../../text/http.ts';
import { utf8Decode, utf8Encode } from '../../text/utf8.ts';

export type ConnectResult = { socket: Socket } | { errno: string } | { timeout: true };

/** Connects; `timeoutUs` null waits as long as the kernel does. */
export function* connectTo(proc: Proc, ip: Ip, port: number, timeoutUs: number | null): Io<ConnectResult> {
  const socket = openSocket(proc, 'tcp', { family: typeof ip === 'bigint' ? 6 : 4 });
  const errno = yield* connect(proc, socket, { ip, port }, timeoutUs);
  if (errno === null) return { socket };
  closeSocket(proc.world, socket);
  return errno === 'EINPROGRESS' ? { timeout: true } : { errno };
}

export type Exchange = { reader: ResponseReader; us: number } | { failed: 'closed' | 'timeout' | 'reset' | 'garbage' };

/** Sends `request` and reads the response. `timeoutUs` bounds every single wait. */
export function* exchange(
  proc: Proc,
  socket: Socket,
  request: string,
  timeoutUs: number | null,
  noBody = false,
): Io<Exchange> {
  const broken = yield* send(proc, socket, request);
  if (broken) return { failed: 'reset' };
  const reader = new ResponseReader(noBody);
  let started = proc.world.now;
  while (reader.state === 'head' || reader.state === 'body') {
    const before = reader.state;
    const got = yield* recv(proc, socket, timeoutUs === null ? null : proc.world.now + timeoutUs);
    if ('timeout' in got) return { failed: 'timeout' };
    if ('error' in got) return { failed: 'reset' };
    if ('eof' in got) {
      if (reader.state === 'head') return { failed: 'closed' };
      reader.end();
      break;
    }
    reader.feed(got.data);
    if (before === 'head') started = proc.world.now;
  }
  if ((reader.state as string) === 'garbage' || !reader.head) return { failed: 'garbage' };
  return { reader, us: proc.world.now - started };
}

/** A byte string as text, and back. */
export const toText = (bytes: string): string => utf8Decode([...bytes].map((ch) => ch.charCodeAt(0)));
export const toBytes = (text: string): string =>
  utf8Encode(text)
    .map((b) => String.fromCharCode(b))
    .join('');

export const CONNECT_ERRORS: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  ENETUNREACH: 'Network is unreachable',
  EHOSTUNREACH: 'No route to host',
  ETIMEDOUT: 'Connection timed out',
  EINVAL: 'Invalid argument',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  ECONNRESET: 'Connection reset by peer',
};
