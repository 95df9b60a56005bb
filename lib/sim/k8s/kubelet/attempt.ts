/**
 * One try of a handler: a command in the container, an HTTP request or a connection from the node. Probes and lifecycle hooks
 * make them. Source: kubernetes/kubernetes pkg/probe/{exec,http,tcp}, pkg/kubelet/lifecycle/handlers.go.
 */
import { formatIp, parseIp } from '../../addr/ip.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import type { Container } from '../../kernel/world.ts';
import {
  closeSocket,
  openSocket,
  readable,
  send,
  startConnect,
  takeError,
  takeReceived,
} from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import { parseHead } from '../../text/http.ts';
import { execIn, reap } from './runtime.ts';
import type { ContainerSpec, Handler } from './spec.ts';

export interface Attempt {
  kind: 'exec' | 'http' | 'tcp';
  /** When it has taken too long; null: it may take for ever. */
  deadline: number | null;
  pid: number | null;
  /** What a command wrote. */
  output: string[];
  socket: Socket | null;
  /** What it asks, as messages name it: a URL, an address and port, a command. */
  what: string;
  address: string;
  request: string;
  sent: boolean;
  answer: string;
}

export interface Outcome {
  ok: boolean;
  message: string;
}

/** What failed sockets are called by Go. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ECONNRESET: 'read: connection reset by peer',
  ETIMEDOUT: 'connect: connection timed out',
};
/** Characters of a command's output that a message takes (pkg/probe/exec). */
const OUTPUT_LIMIT = 10_240;

const bare = (kind: Attempt['kind'], deadline: number | null): Attempt => ({
  kind,
  deadline,
  pid: null,
  output: [],
  socket: null,
  what: '',
  address: '',
  request: '',
  sent: false,
  answer: '',
});

/** A port by its number, or by its name in the container. */
function portOf(spec: ContainerSpec, port: number | string): number | null {
  if (typeof port === 'number') return port;
  const named = spec.ports?.find((p) => p.name === port);
  return named ? named.containerPort : /^\d+$/.test(port) ? Number(port) : null;
}

/** Begins one; an outcome when it fails at once. `ip`: the Pod's. */
export function beginAttempt(
  proc: Proc,
  container: Container,
  spec: ContainerSpec,
  ip: string,
  handler: Handler,
  deadline: number | null,
): Attempt | Outcome {
  if (handler.exec) {
    const attempt = bare('exec', deadline);
    attempt.what = (handler.exec.command ?? []).join(' ');
    const pid = execIn(proc, container, handler.exec.command ?? [], attempt.output);
    if (typeof pid !== 'number') {
      const message = `rpc error: code = Unknown desc = failed to exec in container: failed to start exec "${container.id}": OCI runtime exec failed: exec failed: unable to start container process: ${pid.error}: unknown`;
      return { ok: false, message };
    }
    attempt.pid = pid;
    return attempt;
  }
  const to = handler.httpGet ?? handler.tcpSocket;
  if (!to) return { ok: false, message: 'flatnet: not modelled: gRPC probes' };
  const port = portOf(spec, to.port);
  const host = to.host || ip;
  const address = parseIp(host);
  if (port === null) return { ok: false, message: `couldn't find port: ${to.port}` };
  if (address === null) return { ok: false, message: `dial tcp: lookup ${host}: no such host` };
  const attempt = bare(handler.httpGet ? 'http' : 'tcp', deadline);
  attempt.address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (handler.httpGet) {
    const { path = '/', scheme = 'HTTP', httpHeaders = [] } = handler.httpGet;
    if (scheme === 'HTTPS') return { ok: false, message: 'flatnet: not modelled: HTTPS probes' };
    const target = path.startsWith('/') ? path : `/${path}`;
    attempt.what = `http://${attempt.address}${target}`;
    const given = httpHeaders.map((h) => `${h.name}: ${h.value}`);
    const has = (name: string) => httpHeaders.some((h) => h.name.toLowerCase() === name);
    attempt.request = [
      `GET ${target} HTTP/1.1`,
      ...(has('host') ? [] : [`Host: ${attempt.address}`]),
      ...(has('user-agent') ? [] : ['User-Agent: kube-probe/1.34']),
      ...(has('accept') ? [] : ['Accept: */*']),
      ...given,
      'Connection: close',
      '',
      '',
    ].join('\r\n');
  }
  const socket = openSocket(proc, 'tcp', { family: typeof address === 'bigint' ? 6 : 4 });
  // Its maker closes it: the process goes on.
  proc.atExit.pop();
  const error = startConnect(proc.world, socket, { ip: address, port });
  attempt.socket = socket;
  attempt.address = `${formatIp(address).includes(':') ? `[${formatIp(address)}]` : formatIp(address)}:${port}`;
  if (error === null) return attempt;
  abandon(proc, attempt);
  return failure(attempt, WORDS[error] ?? error);
}

const failure = (attempt: Attempt, error: string): Outcome => {
  const dial = error.startsWith('read: ') ? error : `dial tcp ${attempt.address}: ${error}`;
  return { ok: false, message: attempt.kind === 'http' ? `Get "${attempt.what}": ${dial}` : dial };
};

/** Lets go of it. */
export function abandon(proc: Proc, attempt: Attempt): void {
  if (attempt.socket) closeSocket(proc.world, attempt.socket);
  attempt.socket = null;
  const running = attempt.pid === null ? undefined : proc.machine.find(proc.host.name, attempt.pid);
  if (running) proc.machine.kill(running, 137);
  if (attempt.pid !== null) proc.host.processes.delete(attempt.pid);
  attempt.pid = null;
}

/** Whether {@link advanceAttempt} has something to do. */
export function attemptPending(proc: Proc, attempt: Attempt): boolean {
  const { socket, pid } = attempt;
  if (pid !== null) return proc.host.processes.get(pid)?.exit !== null;
  if (!socket) return true;
  return socket.error !== null || (attempt.sent ? readable(socket) : socket.tcp?.state !== 'SYN_SENT');
}

/** Goes on; the outcome once there is one. */
export function* advanceAttempt(proc: Proc, attempt: Attempt): Io<Outcome | null> {
  const outcome = attempt.kind === 'exec' ? ofCommand(proc, attempt) : yield* ofConnection(proc, attempt);
  if (outcome) {
    abandon(proc, attempt);
    return outcome;
  }
  if (attempt.deadline === null || proc.world.now < attempt.deadline) return null;
  abandon(proc, attempt);
  if (attempt.kind === 'exec') return { ok: false, message: `command "${attempt.what}" timed out` };
  if (attempt.kind === 'tcp') return failure(attempt, 'i/o timeout');
  const late = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
  return { ok: false, message: `Get "${attempt.what}": ${late}` };
}

function ofCommand(proc: Proc, attempt: Attempt): Outcome | null {
  if (attempt.pid === null) return { ok: false, message: '' };
  const status = reap(proc.host, attempt.pid);
  if (status === null) return null;
  attempt.pid = null;
  return { ok: status === 0, message: attempt.output.join('').slice(0, OUTPUT_LIMIT) };
}

function* ofConnection(proc: Proc, attempt: Attempt): Io<Outcome | null> {
  const { socket } = attempt;
  if (!socket) return failure(attempt, WORDS.ECONNRESET as string);
  const error = takeError(socket);
  if (error) return failure(attempt, WORDS[error] ?? error);
  if (socket.tcp?.state === 'SYN_SENT') return null;
  if (attempt.kind === 'tcp') return { ok: true, message: '' };
  if (!attempt.sent) {
    attempt.sent = true;
    const failed = yield* send(proc, socket, attempt.request);
    if (failed) return failure(attempt, WORDS[failed] ?? failed);
  }
  while (readable(socket)) {
    const got = takeReceived(socket);
    if ('data' in got) attempt.answer += got.data;
    const end = attempt.answer.indexOf('\r\n\r\n');
    if (end >= 0) {
      const head = parseHead(attempt.answer.slice(0, end + 4));
      if (!head)
        return {
          ok: false,
          message: `Get "${attempt.what}": net/http: HTTP/1.x transport connection broken: malformed HTTP response`,
        };
      const ok = head.status >= 200 && head.status < 400;
      return { ok, message: ok ? '' : `HTTP probe failed with statuscode: ${head.status}` };
    }
    if ('error' in got) return failure(attempt, WORDS[got.error] ?? got.error);
    if (!('data' in got)) return { ok: false, message: `Get "${attempt.what}": EOF` };
  }
  return null;
}
