/** ssh: OpenSSH 9.2's client, as far as a network course needs it. */
import { formatIp } from '../../addr/ip.ts';
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { GAI_TEXT, resolveHost } from '../../linux/resolve/resolve.ts';
import { closeSocket, connect, openSocket, send } from '../../linux/socket/index.ts';
import type { Socket } from '../../linux/types.ts';
import {
  CLIENT_KEXINIT,
  END_SIZE,
  offer,
  opaque,
  REQUEST_SIZE,
  Reader,
  SERVER_KEXINIT,
  type SessionRequest,
  VERSION,
  withdraw,
} from '../../shell/ssh/protocol.ts';
import { errnoText } from '../../text/strerror.ts';
import { defineCommand } from '../contract.ts';
import { isTty, notModelled, printErr } from '../io.ts';
import { optionDocs } from '../options.ts';
import { readArguments, type SshOptions, USAGE } from './options.ts';

const FAILED = 255;

function* run(proc: Proc): Program {
  const o = readArguments(proc.argv.slice(1));
  if ('notModelled' in o) return yield* notModelled(o.notModelled);
  if ('error' in o) {
    yield* printErr(o.error || USAGE);
    return FAILED;
  }
  const socket = yield* reach(proc, o);
  if (!socket) return FAILED;
  const status = yield* converse(proc, o, socket);
  closeSocket(proc.world, socket);
  return status;
}

/** Resolves the name and connects to its first address that answers; says why when none does. */
function* reach(proc: Proc, o: SshOptions): Io<Socket | null> {
  const found = yield* resolveHost(proc, o.host, o.family);
  if (!found.ok) {
    yield* printErr(`ssh: Could not resolve hostname ${o.host}: ${GAI_TEXT[found.error]}\n`);
    return null;
  }
  let errno = 'ECONNREFUSED';
  for (const ip of found.ips) {
    const socket = openSocket(proc, 'tcp', { family: typeof ip === 'bigint' ? 6 : 4 });
    const failed = yield* connect(proc, socket, { ip, port: o.port }, o.timeout === null ? null : o.timeout * 1e6);
    if (failed === null) return socket;
    errno = failed === 'EINPROGRESS' ? 'ETIMEDOUT' : failed;
    closeSocket(proc.world, socket);
  }
  yield* printErr(`ssh: connect to host ${o.host} port ${o.port}: ${errnoText(errno)}\n`);
  return null;
}

/** The handshake, and the session up to its end. */
function* converse(proc: Proc, o: SshOptions, socket: Socket): Io<number> {
  const reader = new Reader(proc, socket);
  const peer = `${formatIp(socket.remote?.ip ?? 0)} port ${o.port}`;
  const lost = function* (how: string, stage: string): Io<number> {
    if (how === 'eof') yield* printErr(`${stage}Connection closed by ${stage ? 'remote host' : peer}\n`);
    else if (how === 'ETIMEDOUT') yield* printErr(`${stage}Connection timed out\n`);
    else yield* printErr(`${stage}${stage ? 'read: ' : ''}${errnoText(how)}\n`);
    if (stage) yield* printErr(`Connection ${how === 'ECONNRESET' ? 'reset' : 'closed'} by ${peer}\n`);
    return FAILED;
  };
  const failed = yield* send(proc, socket, VERSION);
  if (failed) return yield* lost(failed, 'kex_exchange_identification: ');
  const version = yield* reader.take(VERSION.length);
  if ('end' in version) return yield* lost(version.end, 'kex_exchange_identification: ');
  if (version.data !== VERSION) return yield* notModelled(`ssh to a server that is no OpenSSH: ${peer}`);
  yield* send(proc, socket, opaque(socket.id, CLIENT_KEXINIT));
  const keys = yield* reader.take(SERVER_KEXINIT + REQUEST_SIZE);
  if ('end' in keys) return yield* lost(keys.end, '');
  if (o.user !== 'root') {
    yield* printErr(`${o.user}@${o.host}: Permission denied (publickey).\n`);
    return FAILED;
  }
  return yield* session(proc, o, socket, reader);
}

function* session(proc: Proc, o: SshOptions, socket: Socket, reader: Reader): Io<number> {
  const { machine } = proc;
  if (o.noInput) proc.fds.set(0, { kind: 'null' });
  const terminal = isTty(proc, 0);
  const wanted = o.tty === 'force' || (o.tty === 'auto' && o.command === null);
  if (wanted && !terminal && !o.quiet)
    yield* printErr('Pseudo-terminal will not be allocated because stdin is not a terminal.\n');
  const tty = wanted && terminal;
  const request: SessionRequest = { client: proc, command: o.command, tty, status: null };
  const message = offer(request, socket);
  proc.atExit.push(() => withdraw(machine, message));
  // What is typed goes to the remote program, ^C with it.
  if (tty) proc.onInterrupt = () => {};
  yield* send(proc, socket, message);
  const end = yield* reader.take(END_SIZE);
  if ('data' in end) {
    if (tty && !o.quiet) yield* printErr(`Connection to ${o.host} closed.\n`);
    return request.status ?? FAILED;
  }
  if (end.end === 'eof') yield* printErr(`Connection to ${o.host} closed by remote host.\n`);
  else yield* printErr(`client_loop: send disconnect: ${errnoText(end.end === 'ECONNRESET' ? 'EPIPE' : end.end)}\n`);
  if (tty) yield* printErr(`Connection to ${o.host} closed.\n`);
  return FAILED;
}

export const command = defineCommand({
  name: 'ssh',
  dir: '/usr/bin',
  summary: 'log in to another host',
  images: ['node'],
  options: optionDocs('-4 -6 -n -t -T -q -o=OPTION -p=PORT -i=FILE -l=USER ! -v -f -N -L -R -D -J -W'),
  notModelled: [
    'host keys and passwords: every host is known, and knows the key of root',
    "a session's input and output as packets: they pass beside the connection, which carries only its beginning and its end",
  ],
  run,
});
