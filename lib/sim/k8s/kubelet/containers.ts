/** Making a Pod's containers: root, environment, program, log. What containerd does for the kubelet. */
import { waitFor } from '../../commands/io.ts';
import type { FileDesc, Proc, Program } from '../../kernel/process.ts';
import { nextU32 } from '../../kernel/rng.ts';
import type { Container, LogLine, World } from '../../kernel/world.ts';
import type { NetNs } from '../../linux/types.ts';
import { findProgram } from '../../shell/program.ts';
import { imageInfo } from '../programs/registry.ts';
import type { KubeObject } from '../types.ts';
import { type ConfigError, environmentOf, expand } from './environment.ts';
import { hostnameOf, rootOf } from './root.ts';
import type { ContainerSpec } from './spec.ts';

/** Lines of output that a container keeps. */
const LOG_LINES = 2000;
/** Characters of a line that has not ended yet (containerd's max_container_log_line_size). */
const LINE_LIMIT = 16_384;

/** 64 hex digits. */
export function newContainerId(world: World): string {
  let id = '';
  while (id.length < 64) id += nextU32(world.rng).toString(16).padStart(8, '0');
  return id;
}

/** A container's standard output or error: its log, whole line by whole line. */
export const logStream = (world: World, container: Container, stream: LogLine['stream']): FileDesc => ({
  kind: 'file',
  path: '/dev/stdout',
  read: () => '',
  remake: (copy) => logStream(copy(world), copy(container), stream),
  write(data) {
    const lines = (container.partial[stream] + data).split('\n');
    let rest = lines.pop() as string;
    if (rest.length > LINE_LIMIT) {
      lines.push(rest);
      rest = '';
    }
    container.partial[stream] = rest;
    for (const text of lines) container.log.push({ at: world.now, stream, text });
    if (container.log.length > LOG_LINES) container.log.splice(0, container.log.length - LOG_LINES);
    return null;
  },
});

/** What an image without a program of its own that the model knows does with a command that cannot be found. */
const NOT_FOUND = (word: string, why: string): string =>
  `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${word}": ${why}`;

/** Makes a container and starts its program. Answers it (with how it ended, when it could not be started), or why it cannot be made. */
export function startContainer(
  kubelet: Proc,
  pod: KubeObject,
  spec: ContainerSpec,
  netns: NetNs,
  ips: readonly string[],
  attempt: number,
): Container | ConfigError {
  const { world, host, machine } = kubelet;
  const info = imageInfo(spec.image);
  if (!info) return { config: `image "${spec.image}" is gone` };
  const hostname = hostnameOf(host, pod);
  const env = environmentOf(world, host, pod, spec, ips, hostname);
  if (!(env instanceof Map)) return env;
  const root = rootOf(world, host, pod, spec, ips, info);
  const container: Container = {
    id: newContainerId(world),
    name: spec.name,
    namespace: pod.metadata.namespace ?? 'default',
    pod: pod.metadata.name,
    podUid: pod.metadata.uid ?? '',
    image: spec.image,
    netns: netns.id,
    root,
    hostname,
    env: [...env],
    pid: 0,
    started: world.now,
    log: [],
    partial: { stdout: '', stderr: '' },
    attempt,
    ips: [],
    exited: null,
  };
  host.containers.set(container.id, container);
  const given = [...(spec.command ?? []), ...(spec.args ?? [])].map((word) => expand(word, env));
  const argv = spec.command ? given : [...info.argv, ...given];
  const cwd = spec.workingDir ?? '/';
  const found = spec.command ? findProgram({ ...kubelet, root, env, cwd } as Proc, argv) : null;
  if (found && !found.ok) {
    const why =
      found.errno !== 'ENOENT'
        ? 'permission denied'
        : argv[0]?.includes('/')
          ? 'no such file or directory'
          : 'executable file not found in $PATH';
    const word = argv[0] ?? '';
    const error = NOT_FOUND(word, word.includes('/') ? `stat ${word}: ${why}` : why);
    container.exited = { at: world.now, status: 128, error };
    return container;
  }
  const proc = machine.spawn({
    host,
    netns,
    root,
    hostname,
    container: container.id,
    cwd,
    env,
    daemon: true,
    fds: new Map<number, FileDesc>([
      [0, { kind: 'null' }],
      [1, logStream(world, container, 'stdout')],
      [2, logStream(world, container, 'stderr')],
    ]),
    tty: null,
    argv: found?.ok ? found.argv : argv,
    main: found?.ok ? found.main : info.main,
    ...(found || info.termStatus === undefined ? {} : { termStatus: info.termStatus }),
  });
  if (!proc) {
    const error = 'failed to create containerd task: failed to start shim: fork: resource temporarily unavailable';
    container.exited = { at: world.now, status: 128, error };
    return container;
  }
  container.pid = proc.info.pid;
  return container;
}

/** A sandbox's own program: it waits, and goes when it is told to. */
export function* pause(): Program {
  yield* waitFor(() => false, null, { on: 'never', rest: { main: pause, state: null } });
  return 0;
}
