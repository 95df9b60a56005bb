/** A connection's program: netexec(). Its output goes to the peer, what the peer sends to its input. */
import { formatIp } from '../../addr/ip.ts';
import type { FileDesc, Io, Pipe, Proc } from '../../kernel/process.ts';
import { readable, send, takeReceived } from '../../linux/socket/index.ts';
import type { SockAddr, Socket } from '../../linux/types.ts';
import { fromBytes, toBytes } from '../../text/bytes.ts';
import { makePipe, printErr, waitFor } from '../io.ts';

/** What fork and exec of a shell take, µs: a peer that closes at once is gone before the program writes. */
const EXEC_TIME = 1500;

const closePipe = (fd: FileDesc): void => {
  if (fd.kind === 'pipe') fd.pipe[fd.end === 'read' ? 'readers' : 'writers']--;
};

/** Runs the program until it ends or the peer has closed its side. */
export function* runProgram(proc: Proc, socket: Socket, exec: { shell: boolean; text: string }): Io<void> {
  const argv = exec.shell ? ['/bin/sh', '-c', exec.text] : exec.text.split(/\s+/).filter((w) => w !== '');
  if (yield* waitFor(() => socket.error !== null || closed(socket), proc.world.now + EXEC_TIME)) return;
  const toChild = makePipe();
  const fromChild = makePipe();
  const remote = socket.remote as SockAddr;
  const env = new Map(proc.env);
  env.set('NCAT_REMOTE_ADDR', formatIp(remote.ip)).set('NCAT_REMOTE_PORT', String(remote.port));
  env
    .set('NCAT_LOCAL_ADDR', formatIp(socket.local.ip))
    .set('NCAT_LOCAL_PORT', String(socket.local.port))
    .set('NCAT_PROTO', socket.kind === 'udp' ? 'UDP' : 'TCP');
  const fds = new Map<number, FileDesc>([
    [0, toChild.readEnd],
    [1, fromChild.writeEnd],
    [2, proc.fds.get(2) ?? { kind: 'null' }],
  ]);
  const name = (argv[0] ?? '').slice((argv[0] ?? '').lastIndexOf('/') + 1);
  if (!proc.machine.commands.has(name)) {
    yield* printErr(`Ncat: Could not execute "${argv[0] ?? ''}": No such file or directory\n`);
    return;
  }
  // This process holds the other two ends.
  const input = pipeOf(toChild.writeEnd);
  const output = pipeOf(fromChild.readEnd);
  input.writers++;
  output.readers++;
  const child = proc.machine.spawn({ parent: proc, argv, env, fds });
  if (child) yield* caretaker(proc, socket, input, output);
  closePipe(toChild.writeEnd);
  closePipe(fromChild.readEnd);
}

const closed = (socket: Socket): boolean => (socket.tcp?.peerClosed ?? true) && socket.tcp?.rcvBuf === '';

const pipeOf = (fd: FileDesc): Pipe => (fd as Extract<FileDesc, { kind: 'pipe' }>).pipe;

/** Moves bytes both ways; ends at the end of either. */
function* caretaker(proc: Proc, socket: Socket, input: Pipe, output: Pipe): Io<void> {
  for (;;) {
    yield* waitFor(() => readable(socket) || output.buffer !== '' || output.writers === 0);
    if (readable(socket)) {
      const got = takeReceived(socket);
      if (!('data' in got)) break;
      input.buffer += fromBytes(got.data);
    }
    if (output.buffer !== '') {
      const text = output.buffer;
      output.buffer = '';
      if ((yield* send(proc, socket, toBytes(text))) !== null) break;
    } else if (output.writers === 0) break;
  }
}
