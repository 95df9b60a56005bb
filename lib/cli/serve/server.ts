/** The model's API over HTTP on loopback: discovery, objects, watches, logs, and exec by WebSocket. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import {
  apiFailure,
  BODY_LIMIT,
  containerLog,
  handleApiRequest,
  type LogLine,
  logText,
  type RestAnswer,
  type RestLog,
  type RestRequest,
  type RestWatch,
} from '#sim/index.ts';
import { runExec } from './exec.ts';
import type { LiveWorld } from './live.ts';
import { jsonOfProtobuf, PROTOBUF } from './proto/decode.ts';
import { followWatch } from './watch.ts';

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

function requestOf(message: IncomingMessage, body: string): RestRequest {
  const url = new URL(message.url ?? '/', 'http://localhost');
  const query = new Map<string, string[]>();
  for (const [name, value] of url.searchParams) query.set(name, [...(query.get(name) ?? []), value]);
  let path = url.pathname;
  try {
    path = decodeURIComponent(path);
  } catch {
    // A path with broken escapes names nothing: it is answered as it stands.
  }
  return {
    method: message.method ?? 'GET',
    path,
    query,
    accept: message.headers.accept ?? '',
    contentType: message.headers['content-type'] ?? '',
    body,
  };
}

/** The body; null when it is larger than any request may be. */
async function readBody(message: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) return null;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const json = message.headers['content-type']?.startsWith(PROTOBUF) ? jsonOfProtobuf(body) : null;
  return json ?? body.toString('utf8');
}

function sendAnswer({ status, contentType, warnings, body }: RestAnswer, response: ServerResponse): void {
  response.setHeader('content-type', contentType);
  if (warnings.length > 0)
    response.setHeader(
      'warning',
      warnings.map((w) => `299 - ${JSON.stringify(w)}`),
    );
  response.writeHead(status);
  response.end(body);
}

function serveLog(world: LiveWorld, request: RestLog, response: ServerResponse): void {
  const { machine } = world.session;
  const log = containerLog(machine, request);
  if ('code' in log) {
    sendAnswer(apiFailure(log), response);
    return;
  }
  const lines = log;
  response.writeHead(200, { 'content-type': 'text/plain' });
  const { tail, follow, timestamps } = request.log;
  let shown = tail === null ? 0 : Math.max(0, lines.length - tail);
  const send = (): void => {
    if (shown > lines.length) shown = 0;
    for (; shown < lines.length; shown++) response.write(logText(machine.world, lines[shown] as LogLine, timestamps));
  };
  send();
  if (!follow) {
    response.end();
    return;
  }
  const stop = world.follow(send);
  response.on('close', stop);
}

function serveWatch(world: LiveWorld, request: RestWatch, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const stop = followWatch(
    world,
    request,
    (line) => void response.write(line),
    () => response.end(),
  );
  response.on('close', stop);
}

/** Answers every request on the world; listening is the caller's. */
export function apiServer(world: LiveWorld): Server {
  const server = createServer((message, response) => {
    void (async () => {
      const body = await readBody(message);
      if (body === null) {
        response.writeHead(413, { connection: 'close' }).end();
        return;
      }
      const answer = handleApiRequest(world.session.machine.world, requestOf(message, body));
      if ('watch' in answer) return serveWatch(world, answer, response);
      if ('log' in answer) return serveLog(world, answer, response);
      if ('stream' in answer) {
        response.writeHead(400, { 'content-type': 'text/plain' }).end('Upgrade request required\n');
        return;
      }
      world.settle();
      sendAnswer(answer, response);
    })().catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`${error instanceof Error ? error.message : String(error)}\n`);
    });
  });
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => PROTOCOLS.find((p) => offered.has(p)) ?? false,
    maxPayload: BODY_LIMIT,
  });
  server.on('upgrade', (message, socket, head) => {
    const answer = handleApiRequest(world.session.machine.world, requestOf(message, ''));
    if (!('stream' in answer) || answer.stream !== 'exec') {
      const [status, body] =
        'status' in answer ? [answer.status, answer.body] : [501, 'flatnet: not modelled: attach and port-forward\n'];
      socket.end(
        `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
      return;
    }
    sockets.handleUpgrade(message, socket, head, (channel) => runExec(world, answer, channel));
  });
  return server;
}
