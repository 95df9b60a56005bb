/** CoreDNS: answers on UDP and TCP port 53. Names of no zone of its own go to an upstream that this closed network does not have. */
import { sleep, waitFor } from '../../commands/io.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { decodeDns, encodeDns } from '../../linux/resolve/wire.ts';
import {
  accept,
  bind,
  closeSocket,
  listen,
  openSocket,
  ownSocket,
  recv,
  recvFrom,
  send,
  sendTo,
} from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import type { DnsMessage } from '../../packet/packet.ts';
import { answer, serverFailure } from './answer.ts';

const PORT = 53;
/** How long the forward plugin waits for upstreams before it gives up. */
const UPSTREAM_TIMEOUT = 2_000_000;
const TCP_IDLE = 10_000_000;

/** The program. Queries are answered in the order in which they come; forwarded ones each in a process of their own. */
export function* coredns(proc: Proc, rest?: Sockets): Program {
  if (rest) {
    ownSocket(proc, rest.udp);
    ownSocket(proc, rest.tcp);
    return yield* serve(proc, rest);
  }
  const { world } = proc;
  const udp = openSocket(proc, 'udp');
  const tcp = openSocket(proc, 'tcp', { reuse: true });
  if (bind(world, udp, { ip: 0, port: PORT }) || bind(world, tcp, { ip: 0, port: PORT }) || listen(world, tcp))
    return 1;
  return yield* serve(proc, { udp, tcp });
}

interface Sockets {
  udp: Socket;
  tcp: Socket;
}

function* serve(proc: Proc, sockets: Sockets): Io<number> {
  const { world } = proc;
  const { udp, tcp } = sockets;
  const ready = () => udp.recvq.length > 0 || udp.error !== null || (tcp.tcp?.backlog.length ?? 0) > 0;
  for (;;) {
    yield* waitFor(ready, null, { rest: { main: coredns, state: sockets } });
    if ((tcp.tcp?.backlog.length ?? 0) > 0) {
      const connection = yield* accept(proc, tcp, world.now);
      if (connection) yield* serveTcp(proc, connection);
      proc.atExit.length = 2;
      continue;
    }
    const got = yield* recvFrom(proc, udp, world.now);
    if (!got || 'error' in got) continue;
    const query = got.dns ?? decodeDns(got.data);
    if (!query || query.response) continue;
    const reply = answer(world, query);
    const respond = (message: DnsMessage): void =>
      void sendTo(world, udp, got.from, encodeDns(message), { dns: message });
    if (reply) respond(reply);
    else
      proc.machine.spawn({
        parent: proc,
        argv: ['coredns: forward'],
        main: () => forward(query, respond),
        fds: new Map(),
      });
  }
}

function* forward(query: DnsMessage, respond: (message: DnsMessage) => void): Program {
  yield* sleep(UPSTREAM_TIMEOUT);
  respond(serverFailure(query));
  return 0;
}

/** DNS over TCP: each message after its length in two bytes. */
function* serveTcp(proc: Proc, connection: Socket): Io<void> {
  let buffer = '';
  for (;;) {
    const got = yield* recv(proc, connection, proc.world.now + TCP_IDLE);
    if (!('data' in got)) break;
    buffer += got.data;
    while (buffer.length >= 2) {
      const length = buffer.charCodeAt(0) * 256 + buffer.charCodeAt(1);
      if (buffer.length < 2 + length) break;
      const query = decodeDns(buffer.slice(2, 2 + length));
      buffer = buffer.slice(2 + length);
      if (!query) continue;
      const bytes = encodeDns(answer(proc.world, query) ?? serverFailure(query));
      yield* send(proc, connection, String.fromCharCode(bytes.length >> 8, bytes.length & 255) + bytes);
    }
  }
  closeSocket(proc.world, connection);
}
