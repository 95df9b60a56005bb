/** The SSH server: listens on port 22 of every address and starts a shell for each session. */
import { formatIp } from '../../addr/ip.ts';
import { printErr, waitFor } from '../../commands/io.ts';
import { hostEnvironment } from '../../environment.ts';
import type { FileDesc, Io, Proc, Program } from '../../kernel/process.ts';
import {
  bind,
  closeSocket,
  listen,
  openSocket,
  ownSocket,
  readable,
  send,
  takeConnection,
} from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import {
  CLIENT_KEXINIT,
  END_SIZE,
  opaque,
  REQUEST_SIZE,
  Reader,
  SERVER_KEXINIT,
  takeRequest,
  VERSION,
} from './protocol.ts';

export const SSH_PORT = 22;
const BACKLOG = 128;
const SIGHUP_STATUS = 129;

/** The daemon's program. */
export function* sshd(proc: Proc, rest?: Socket[]): Program {
  if (rest) {
    for (const socket of rest) ownSocket(proc, socket);
    return yield* listenTo(proc, rest);
  }
  const { world } = proc;
  const listeners: Socket[] = [];
  for (const family of [4, 6] as const) {
    const socket = openSocket(proc, 'tcp', { family, reuse: true });
    socket.v6only = true;
    const ip = family === 6 ? 0n : 0;
    const error = bind(world, socket, { ip, port: SSH_PORT }) ?? listen(world, socket, BACKLOG);
    if (error) {
      closeSocket(world, socket);
      yield* printErr(
        `error: Bind to port 22 on ${formatIp(ip)} failed: ${error === 'EADDRINUSE' ? 'Address already in use' : error}.\n`,
      );
    } else listeners.push(socket);
  }
  if (listeners.length === 0) {
    yield* printErr('fatal: Cannot bind any address.\n');
    return 255;
  }
  for (const { local } of listeners) yield* printErr(`Server listening on ${formatIp(local.ip)} port ${SSH_PORT}.\n`);
  return yield* listenTo(proc, listeners);
}

function* listenTo(proc: Proc, listeners: Socket[]): Io<number> {
  const { world, machine } = proc;
  const waiting = (socket: Socket) => (socket.tcp?.backlog.length ?? 0) > 0;
  for (;;) {
    yield* waitFor(() => listeners.some(waiting), null, { rest: { main: sshd, state: listeners } });
    const listener = listeners.find(waiting) as Socket;
    const session = machine.spawn({
      argv: ['sshd: root [priv]'],
      parent: proc,
      main: (p) => serve(p, listener),
      daemon: true,
    });
    // The child takes the connection; one that finds no process slot is dropped.
    if (session) yield* waitFor(() => !waiting(listener) || session.status !== null);
    else {
      const dropped = takeConnection(proc, listener);
      if (dropped) closeSocket(world, dropped);
      proc.atExit.length = 2;
    }
  }
}

function* serve(proc: Proc, listener: Socket): Program {
  const { machine } = proc;
  const connection = takeConnection(proc, listener);
  if (!connection) return 255;
  const reader = new Reader(proc, connection);
  if (yield* send(proc, connection, VERSION)) return 255;
  const version = yield* reader.take(VERSION.length);
  if ('end' in version) return 255;
  if (!version.data.startsWith('SSH-2.0-')) {
    yield* send(proc, connection, 'Invalid SSH identification string.\r\n');
    return 255;
  }
  if (yield* send(proc, connection, opaque(connection.id, SERVER_KEXINIT))) return 255;
  if ('end' in (yield* reader.take(CLIENT_KEXINIT))) return 255;
  if (yield* send(proc, connection, opaque(connection.id + 1, REQUEST_SIZE))) return 255;
  const asked = yield* reader.take(REQUEST_SIZE);
  const request = 'data' in asked ? takeRequest(machine, asked.data) : undefined;
  const bash = machine.commands.get('bash');
  if (!request || !bash || !connection.remote) return 255;

  const { client, command } = request;
  const env = hostEnvironment();
  const from = `${formatIp(connection.remote.ip)} ${connection.remote.port}`;
  env.set('SSH_CLIENT', `${from} ${SSH_PORT}`);
  env.set('SSH_CONNECTION', `${from} ${formatIp(connection.local.ip)} ${SSH_PORT}`);
  if (request.tty && client.tty) {
    env.set('TERM', 'xterm-256color');
    env.set('SSH_TTY', `/dev/pts/${client.tty.id - 1}`);
  }
  proc.info.argv = [`sshd: root@${request.tty && client.tty ? `pts/${client.tty.id - 1}` : 'notty'}`];
  const child = machine.spawn({
    parent: proc,
    argv: command === null ? ['-bash'] : ['bash', '-c', command],
    cwd: '/root',
    env,
    fds: inputOf(client),
    tty: request.tty ? client.tty : null,
    pgid: client.pgid,
    main: (p) => bash.run(p),
  });
  if (!child) return 255;
  proc.atExit.push(() => machine.kill(child, SIGHUP_STATUS));
  yield* waitFor(() => child.status !== null || readable(connection));
  if (child.status === null) return 255;
  request.status = child.status;
  yield* send(proc, connection, opaque(connection.id + 2, END_SIZE));
  // The client hangs up first.
  yield* reader.take(1);
  return 0;
}

/** The client's open files. ssh reads a file that is its input to the end, whether the remote program does or not. */
function inputOf(client: Proc): Map<number, FileDesc> {
  const fds = new Map([...client.fds].filter(([n]) => n <= 2));
  const input = fds.get(0);
  if (input?.kind !== 'file' && input?.kind !== 'source') return fds;
  let text = '';
  if (input.kind === 'source') {
    text = input.text;
    input.text = '';
  } else {
    for (let part = input.read(MAX_READ); part !== '' && text.length < MAX_READ; part = input.read(MAX_READ))
      text += part;
  }
  fds.set(0, { kind: 'source', text });
  return fds;
}

const MAX_READ = 2_000_000;
