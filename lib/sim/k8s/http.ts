/** A small HTTP server for control loops: it answers what has come and never waits for a client. Go's net/http is its model. */
import type { Ip } from '../addr/ip.ts';
import type { Io, Proc } from '../kernel/process.ts';
import {
  bind,
  closeSocket,
  listen,
  openSocket,
  readable,
  recv,
  send,
  takeConnection,
  takeReceived,
} from '../linux/socket/index.ts';
import type { Socket } from '../linux/types.ts';
import { toBytes } from '../text/bytes.ts';
import { strftime } from '../text/strftime.ts';

/** Plain data: what the server listens on, and clients whose request is not whole yet or who may send another. */
export interface HttpState {
  listeners: { tag: string; socket: Socket }[];
  open: { tag: string; socket: Socket; text: string }[];
}

export interface HttpAnswer {
  status: number;
  /** Beside Date and Content-Length. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What else is known of a request: its head as it came, and who asks. */
export interface HttpRequest {
  head: string;
  from: Ip | null;
}

export const newHttpState = (): HttpState => ({ listeners: [], open: [] });

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  301: 'Moved Permanently',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  503: 'Service Unavailable',
};
const REQUEST_LIMIT = 65_536;
/** How long a server waits for more of a request, µs. */
const IDLE_LIMIT = 5_000_000;
const CLIENT_LIMIT = 64;

/** Go's answer to a path that nobody handles. */
export const NOT_FOUND: HttpAnswer = {
  status: 404,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' },
  body: '404 page not found\n',
};

/** Waits for a whole request head on a connection of a program's own; null when it breaks off, falls silent or has no end. */
export function* receiveHead(proc: Proc, connection: Socket): Io<string | null> {
  let request = '';
  while (!request.includes('\r\n\r\n')) {
    const got = yield* recv(proc, connection, proc.world.now + IDLE_LIMIT);
    if (!('data' in got) || request.length > REQUEST_LIMIT) return null;
    request += got.data;
  }
  return request;
}

/** Closes everything with the process; call it once, also after a program was started anew from its memory. */
export function ownHttp(proc: Proc, state: HttpState): void {
  proc.atExit.push(() => {
    for (const { socket } of [...state.listeners, ...state.open]) closeSocket(proc.world, socket);
  });
}

/** Listens at an address; null stands for all of both families, as Go takes 0.0.0.0. Answers an errno name or null. */
export function listenHttp(proc: Proc, state: HttpState, tag: string, ip: Ip | null, port: number): string | null {
  const family = ip === null || typeof ip === 'bigint' ? 6 : 4;
  const socket = openSocket(proc, 'tcp', { family, reuse: true });
  proc.atExit.pop();
  const error = bind(proc.world, socket, { ip: ip ?? 0n, port }) ?? listen(proc.world, socket, 4096);
  if (error === null) state.listeners.push({ tag, socket });
  else closeSocket(proc.world, socket);
  return error;
}

/** Stops listening under a tag. */
export function closeHttp(proc: Proc, state: HttpState, tag: string): void {
  for (const l of state.listeners) if (l.tag === tag) closeSocket(proc.world, l.socket);
  state.listeners = state.listeners.filter((l) => l.tag !== tag);
}

/** Whether {@link serveHttp} has anything to do. */
export const httpPending = (state: HttpState): boolean =>
  state.listeners.some((l) => (l.socket.tcp?.backlog.length ?? 0) > 0) || state.open.some((c) => readable(c.socket));

/** Takes what has come, and answers the requests that are whole. */
export function* serveHttp(
  proc: Proc,
  state: HttpState,
  answer: (tag: string, method: string, path: string, request: HttpRequest) => HttpAnswer,
): Io<void> {
  for (const { tag, socket } of state.listeners) {
    for (let c = takeConnection(proc, socket); c; c = takeConnection(proc, socket)) {
      proc.atExit.pop();
      if (state.open.length < CLIENT_LIMIT) state.open.push({ tag, socket: c, text: '' });
      else closeSocket(proc.world, c);
    }
  }
  for (const client of [...state.open]) {
    if (!readable(client.socket)) continue;
    const got = takeReceived(client.socket);
    let done = !('data' in got);
    if ('data' in got) {
      client.text += got.data;
      for (let end = client.text.indexOf('\r\n\r\n'); end >= 0 && !done; end = client.text.indexOf('\r\n\r\n')) {
        const head = client.text.slice(0, end);
        client.text = client.text.slice(end + 4);
        const [method = '', path = ''] = head.split(' ', 2);
        const close = /^connection: *close/im.test(head) || / HTTP\/1\.0\r?\n?/.test(`${head}\n`);
        yield* send(
          proc,
          client.socket,
          response(
            proc,
            method,
            answer(client.tag, method, path, { head, from: client.socket.remote?.ip ?? null }),
            close,
          ),
        );
        done = close;
      }
      done ||= client.text.length > REQUEST_LIMIT;
    }
    if (!done) continue;
    closeSocket(proc.world, client.socket);
    state.open = state.open.filter((c) => c !== client);
  }
}

function response({ world }: Proc, method: string, { status, headers, body }: HttpAnswer, close: boolean): string {
  const bytes = toBytes(body);
  const date = strftime('%a, %d %b %Y %H:%M:%S GMT', world.epoch + Math.floor(world.now / 1_000_000), 0);
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? ''}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Date: ${date}`,
    `Content-Length: ${bytes.length}`,
    ...(close ? ['Connection: close'] : []),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${method === 'HEAD' ? '' : bytes}`;
}
