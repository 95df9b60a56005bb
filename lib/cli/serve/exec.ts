/** exec by WebSocket: channels 0 to 4 and 255. Source: k8s.io/apimachinery pkg/util/remotecommand (v5.channel.k8s.io). */
import type { WebSocket } from 'ws';
import { newProcessStreams, type RestStream, startStream } from '#sim/index.ts';
import type { LiveWorld } from './live.ts';

const [STDIN, ERROR, CLOSE] = [0, 3, 255];

const status = (code: number): unknown =>
  code === 0
    ? { metadata: {}, status: 'Success' }
    : {
        metadata: {},
        status: 'Failure',
        message: `command terminated with non-zero exit code: exit status ${code}`,
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
      };

/** Starts the program and carries its streams until it ends or the client goes. */
export function runExec(world: LiveWorld, request: RestStream, channel: WebSocket): void {
  const streams = newProcessStreams(request.query.get('stdin')?.[0] === 'true');
  const send = (to: number, data: Buffer): void => {
    if (channel.readyState === channel.OPEN) channel.send(Buffer.concat([Buffer.from([to]), data]));
  };
  const close = (result: unknown): void => {
    send(ERROR, Buffer.from(JSON.stringify(result)));
    channel.close(1000);
  };
  const proc = startStream(world.session.machine, request, streams);
  if ('reason' in proc) {
    close({ metadata: {}, status: 'Failure', message: proc.message, reason: proc.reason, code: proc.code });
    return;
  }
  const stop = world.follow(() => {
    for (const [fd, text] of streams.take()) send(fd, Buffer.from(text, 'utf8'));
    if (proc.status === null) return;
    stop();
    close(status(proc.status));
  });
  channel.on('message', (data: Buffer) => {
    if (data[0] === STDIN) streams.feed(data.subarray(1).toString('utf8'));
    else if (data[0] === CLOSE && data[1] === STDIN) streams.endInput();
    world.settle();
  });
  channel.on('close', () => {
    stop();
    if (proc.status === null) world.session.machine.kill(proc, 137);
  });
  world.settle();
}
