/** Passing bytes between standard input, a socket and standard output, as netcats do. */
import { isTty, read, waitFor } from '../../commands/io.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { fromBytes, toBytes } from '../../text/bytes.ts';
import type { Socket } from '../types.ts';
import { readable, send, shutdown, takeReceived } from './io.ts';
import { inputReady } from './poll.ts';
import { takeError } from './send.ts';

export interface RelayOptions {
  /** Do not read standard input. */
  noStdin: boolean;
  /** Half-close the connection at the end of input. */
  shutdown: boolean;
  /** Seconds to stay after the end of input: negative for ever. */
  quit: number;
  /** Seconds without anything happening after which it ends; null for ever. */
  idle: number | null;
  /** Line ends go out as CR LF. */
  crlf: boolean;
  /** End at the end of input (ncat over UDP, --send-only). */
  endAtInput?: boolean;
}

/** How a relay ended, and what passed. */
export interface RelayEnd {
  why: 'eof' | 'idle' | 'quit' | 'error';
  errno: string | null;
  sent: number;
  received: number;
}

/** Runs until the peer closes, a timer runs out or an error comes. `write` takes what arrives. */
export function* relay(proc: Proc, socket: Socket, o: RelayOptions, write: (text: string) => Io<void>): Io<RelayEnd> {
  const { world } = proc;
  const end: RelayEnd = { why: 'eof', errno: null, sent: 0, received: 0 };
  let input = !o.noStdin;
  let quitAt: number | null = null;
  const arrived = () => readable(socket);
  const typed = () => input && inputReady(proc, 0);
  for (;;) {
    const idleAt = o.idle === null ? null : world.now + o.idle * 1e6;
    const deadline = quitAt === null ? idleAt : idleAt === null ? quitAt : Math.min(quitAt, idleAt);
    if (!(yield* waitFor(() => arrived() || typed(), deadline))) {
      end.why = quitAt !== null && world.now >= quitAt ? 'quit' : 'idle';
      return end;
    }
    if (arrived()) {
      const done = yield* fromNet(socket, end, write);
      if (done) return end;
    }
    if (!typed()) continue;
    const text = yield* read(0, isTty(proc, 0) ? undefined : 16384);
    if (text === null) {
      input = false;
      if (o.shutdown && socket.kind === 'tcp') shutdown(world, socket);
      if (o.endAtInput || o.quit === 0) {
        end.why = 'quit';
        return end;
      }
      if (o.quit > 0) quitAt = world.now + o.quit * 1e6;
      continue;
    }
    const bytes = toBytes(o.crlf ? text.replaceAll(/\r?\n/g, '\r\n') : text);
    end.sent += bytes.length;
    const errno = yield* send(proc, socket, bytes);
    if (errno && errno !== 'ENOBUFS') {
      end.why = 'error';
      end.errno = errno;
      return end;
    }
  }
}

/** True when the peer is done. */
function* fromNet(socket: Socket, end: RelayEnd, write: (text: string) => Io<void>): Io<boolean> {
  if (socket.kind !== 'tcp') {
    const errno = takeError(socket);
    if (errno) {
      end.why = 'error';
      end.errno = errno;
      return true;
    }
    const datagram = socket.recvq.shift();
    if (!datagram) return false;
    end.received += datagram.data.length;
    yield* write(fromBytes(datagram.data));
    return false;
  }
  const got = takeReceived(socket);
  if ('data' in got) {
    end.received += got.data.length;
    yield* write(fromBytes(got.data));
    return false;
  }
  if ('error' in got) {
    end.why = 'error';
    end.errno = got.error;
  }
  return true;
}
