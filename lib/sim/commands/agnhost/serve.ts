/** What agnhost's servers answer: netexec, serve-hostname and porter. Source: kubernetes/kubernetes test/images/agnhost/{netexec,serve-hostname,porter}. */
import { formatIp } from '../../addr/ip.ts';
import { receiveHead } from '../../k8s/http.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import {
  accept,
  bind,
  closeSocket,
  listen,
  openSocket,
  ownSocket,
  recvFrom,
  send,
  sendTo,
} from '../../linux/socket/index.ts';
import type { SockAddr, Socket } from '../../linux/types.ts';
import { toBytes } from '../../text/bytes.ts';
import { strftime } from '../../text/strftime.ts';
import { printErr, waitFor } from '../io.ts';

/** One port served: `http` with netexec's paths, or a fixed text by HTTP, plainly, or to each datagram. */
export interface Server {
  kind: 'tcp' | 'udp' | 'sctp';
  port: number;
  /** Fixed answer; undefined for netexec's commands. */
  text?: string;
  /** TCP without HTTP. */
  raw?: boolean;
}

interface Open extends Server {
  socket: Socket;
}

const addr = (a: SockAddr): string =>
  typeof a.ip === 'bigint' ? `[${formatIp(a.ip)}]:${a.port}` : `${formatIp(a.ip)}:${a.port}`;

/** A line of Go's log package. */
export function* log(proc: Proc, text: string): Io<void> {
  const seconds = proc.world.epoch + Math.floor(proc.world.now / 1_000_000);
  yield* printErr(`${strftime('%Y/%m/%d %H:%M:%S', seconds, 0)} ${text}\n`);
}

/** Opens the ports and serves them until it is killed. A port that cannot be had ends the program. */
export function* serve(proc: Proc, servers: readonly Server[]): Io<number> {
  const open: Open[] = [];
  for (const server of servers) {
    const socket = openSocket(proc, server.kind, { reuse: server.kind !== 'udp' });
    const error =
      bind(proc.world, socket, { ip: 0, port: server.port }) ??
      (server.kind === 'udp' ? null : listen(proc.world, socket, 4096));
    if (error) {
      const why = error === 'EADDRINUSE' ? 'address already in use' : error === 'EACCES' ? 'permission denied' : error;
      yield* log(proc, `listen ${server.kind} :${server.port}: bind: ${why}`);
      return 1;
    }
    open.push({ ...server, socket });
  }
  return yield* loop(proc, open);
}

/** Goes on with sockets that are open already: a copy of a scene. */
export function* resume(proc: Proc, open: Open[]): Program {
  for (const { socket } of open) ownSocket(proc, socket);
  return yield* loop(proc, open);
}

const waiting = ({ socket }: Open): boolean =>
  socket.recvq.length > 0 || socket.error !== null || ((socket.tcp ?? socket.sctp)?.backlog.length ?? 0) > 0;

function* loop(proc: Proc, open: Open[]): Io<number> {
  const owned = proc.atExit.length;
  for (;;) {
    yield* waitFor(() => open.some(waiting), null, { rest: { main: resume, state: open } });
    for (const server of open) {
      if (!waiting(server)) continue;
      if (server.kind === 'udp') yield* datagram(proc, server);
      else {
        const connection = yield* accept(proc, server.socket, proc.world.now);
        if (connection && server.kind === 'tcp') yield* stream(proc, server, connection);
        if (connection) closeSocket(proc.world, connection);
        proc.atExit.length = owned;
      }
    }
  }
}

function* datagram(proc: Proc, server: Open): Io<void> {
  const got = yield* recvFrom(proc, server.socket, proc.world.now);
  if (!got || 'error' in got) return;
  const [command = '', ...rest] = got.data.trim().split(' ');
  const known: Record<string, string> = { hostname: proc.hostname, echo: rest.join(' '), clientip: addr(got.from) };
  const answer = server.text ?? known[command.toLowerCase()];
  if (answer === undefined) yield* log(proc, `Unknown received command: '${got.data.trim()}'`);
  else sendTo(proc.world, server.socket, got.from, toBytes(answer));
}

function* stream(proc: Proc, server: Open, connection: Socket): Io<void> {
  if (server.raw) {
    yield* send(proc, connection, toBytes(server.text ?? proc.hostname));
    return;
  }
  const request = yield* receiveHead(proc, connection);
  if (request === null) return;
  const [method = '', target = '/'] = request.split(' ', 2);
  const { status, body } =
    server.text === undefined ? yield* page(proc, connection, target) : { status: 200, body: server.text };
  const bytes = toBytes(body);
  const head = `HTTP/1.1 ${status} ${REASONS[status] ?? ''}\r\nContent-Length: ${bytes.length}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n`;
  yield* send(proc, connection, head + (method === 'HEAD' ? '' : bytes));
}

const REASONS: Record<number, string> = {
  200: 'OK',
  404: 'Not Found',
  500: 'Internal Server Error',
  501: 'Not Implemented',
};

/** A page of netexec. */
function* page(proc: Proc, connection: Socket, target: string): Io<{ status: number; body: string }> {
  const [path = '', query = ''] = target.split(/\?(.*)/s, 2);
  const value = (name: string): string => {
    const raw = query.split('&').find((part) => part.startsWith(`${name}=`));
    return raw === undefined ? '' : decode(raw.slice(name.length + 1));
  };
  const ok = (body: string) => ({ status: 200, body });
  switch (path) {
    case '/clientip':
      yield* log(proc, 'GET /clientip');
      return ok(connection.remote ? addr(connection.remote) : '');
    case '/hostname':
    case '/hostName':
      yield* log(proc, `GET ${path}`);
      return ok(proc.hostname);
    case '/echo': {
      yield* log(proc, `GET /echo?msg=${value('msg')}&code=${value('code')}`);
      const code = value('code');
      if (code === '') return ok(value('msg'));
      if (!/^\d{3}$/.test(code)) return ok(`argument 'code' must be an integer or empty, got "${code}"\n`);
      return { status: Number(code), body: value('msg') };
    }
    case '/healthz':
      yield* log(proc, 'GET /healthz');
      return ok('');
    case '/dial':
    case '/exit':
    case '/redirect':
    case '/shell':
    case '/shutdown':
    case '/upload':
      return { status: 501, body: `flatnet: not modelled: ${path} of agnhost netexec\n` };
    default: {
      yield* log(proc, 'GET /');
      const seconds = proc.world.epoch + Math.floor(proc.world.now / 1_000_000);
      return ok(`NOW: ${strftime('%Y-%m-%d %H:%M:%S', seconds, 0)} +0000 UTC`);
    }
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
