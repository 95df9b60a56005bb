/** A small web server: answers which Pod it is, and what was asked. Its port comes from the environment variable PORT, 8080 by default. */

import { formatIp } from '../../addr/ip.ts';
import { print, printErr } from '../../commands/io.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { accept, bind, closeSocket, listen, openSocket, ownSocket, send } from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import { toBytes } from '../../text/bytes.ts';
import { receiveHead } from '../http.ts';

/** Requests are served one after the other, as they come. */
export function* httpEcho(proc: Proc, rest?: { socket: Socket }): Program {
  if (rest) {
    ownSocket(proc, rest.socket);
    return yield* serveAll(proc, rest.socket);
  }
  const port = Number(proc.env.get('PORT') ?? '8080') || 8080;
  const socket = openSocket(proc, 'tcp', { reuse: true });
  const error = bind(proc.world, socket, { ip: 0, port }) ?? listen(proc.world, socket, 511);
  if (error) {
    yield* printErr(`listen tcp :${port}: bind: ${error === 'EADDRINUSE' ? 'address already in use' : error}\n`);
    return 1;
  }
  return yield* serveAll(proc, socket);
}

function* serveAll(proc: Proc, socket: Socket): Io<number> {
  for (;;) {
    const connection = yield* accept(proc, socket, null, { main: httpEcho, state: { socket } });
    if (!connection) return 1;
    yield* serve(proc, connection);
    closeSocket(proc.world, connection);
    // The process lives long: what accept() put there for its end is not needed any more.
    proc.atExit.length = 1;
  }
}

function* serve(proc: Proc, connection: Socket): Io<void> {
  const request = yield* receiveHead(proc, connection);
  if (request === null) return;
  const [method = '', path = ''] = request.split(' ', 2);
  const from = connection.remote ? `${formatIp(connection.remote.ip)}:${connection.remote.port}` : '';
  yield* print(`${method} ${path} from ${from}\n`);
  const body =
    method === 'HEAD' ? '' : toBytes(`Hello from ${proc.hostname}\nyou are ${from}, you asked ${method} ${path}\n`);
  const status = method === 'GET' || method === 'HEAD' || method === 'POST' ? '200 OK' : '405 Method Not Allowed';
  const head = [
    'HTTP/1.1 ' + status,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${body.length}`,
    'Connection: close',
    '',
    '',
  ].join('\r\n');
  yield* send(proc, connection, head + body);
}
