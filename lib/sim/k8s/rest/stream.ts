/** A program in a container whose input and output belong to a client far away. Source: k8s.io/kubelet pkg/cri/streaming/remotecommand. */
import type { Machine } from '../../kernel/machine.ts';
import type { FileDesc, Proc } from '../../kernel/process.ts';
import type { ApiError } from '../api/status.ts';
import { resolveExec } from '../exec.ts';
import type { RestStream } from './contract.ts';

export interface ProcessStreams {
  fds: Map<number, FileDesc>;
  /** Input that the program has not read yet is appended here. */
  feed(data: string): void;
  endInput(): void;
  /** What was written since the last call, as [descriptor, text]. */
  take(): [number, string][];
}

/** Standard streams of a process that something outside the world feeds and reads. */
export function newProcessStreams(stdin: boolean): ProcessStreams {
  // The client is a writer that closes when it has no more input.
  const pipe = { buffer: '', readers: 0, writers: 1 };
  const out: [number, string][] = [];
  const sink = (fd: number): FileDesc => ({
    kind: 'file',
    path: `/dev/fd/${fd}`,
    read: () => '',
    write: (data) => {
      out.push([fd, data]);
      return null;
    },
  });
  return {
    fds: new Map<number, FileDesc>([
      [0, stdin ? { kind: 'pipe', pipe, end: 'read' } : { kind: 'null' }],
      [1, sink(1)],
      [2, sink(2)],
    ]),
    feed: (data) => void (pipe.buffer += data),
    endInput: () => void (pipe.writers = 0),
    take: () => out.splice(0),
  };
}

/** Starts what an exec request asks for, or answers why not. */
export function startStream(machine: Machine, request: RestStream, streams: ProcessStreams): Proc | ApiError {
  const { query, namespace, name } = request;
  const target = resolveExec(machine, namespace, name, query.get('container')?.[0], query.get('command') ?? []);
  if (!target.ok) return target.error;
  const proc = machine.spawn({ ...target.options, argv: target.argv, fds: streams.fds });
  return proc ?? { code: 500, reason: 'InternalError', message: 'fork: resource temporarily unavailable' };
}
