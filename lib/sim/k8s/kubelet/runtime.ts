/** The container runtime as the kubelet asks it: what runs of a Pod, hooks and commands in containers. */
import type { FileDesc, Proc } from '../../kernel/process.ts';
import type { Container, Host } from '../../kernel/world.ts';
import { findProgram } from '../../shell/program.ts';

/** A Pod's sandbox that is up; a Pod has one at most. */
export function sandboxOf(host: Host, uid: string): Container | undefined {
  for (const c of host.containers.values()) if (c.name === 'POD' && c.podUid === uid && c.exited === null) return c;
  return undefined;
}

/** A Pod's containers by name, each the latest of its name, and those before it that are still known. */
export function containersOf(host: Host, uid: string): Map<string, Container[]> {
  const found = new Map<string, Container[]>();
  for (const c of host.containers.values()) {
    if (c.podUid !== uid || c.name === 'POD') continue;
    const list = found.get(c.name);
    if (list) list.unshift(c);
    else found.set(c.name, [c]);
  }
  return found;
}

/** Starts a command inside a container; what it writes is added to `output`. Its pid, or the runtime's complaint. */
export function execIn(
  kubelet: Proc,
  container: Container,
  argv: readonly string[],
  output: string[],
): number | { error: string } {
  const { machine, host, world } = kubelet;
  const netns = world.netns.get(container.netns);
  const env = new Map(container.env);
  const found = findProgram({ ...kubelet, root: container.root, cwd: '/', env } as Proc, argv);
  if (!found.ok || !netns)
    return {
      error: `exec: "${argv[0] ?? ''}": ${found.ok || found.errno === 'ENOENT' ? 'executable file not found in $PATH' : 'permission denied'}`,
    };
  const out: FileDesc = { kind: 'sink', chunks: output };
  const child = machine.spawn({
    parent: kubelet,
    host,
    netns,
    root: container.root,
    hostname: container.hostname,
    container: container.id,
    cwd: '/',
    env,
    fds: new Map<number, FileDesc>([
      [0, { kind: 'null' }],
      [1, out],
      [2, out],
    ]),
    tty: null,
    argv: found.argv,
    main: found.main,
  });
  return child ? child.info.pid : { error: 'fork: resource temporarily unavailable' };
}

/** The exit status of a process that {@link execIn} started, once it has ended; null before. It is asked for once. */
export function reap(host: Host, pid: number): number | null {
  const info = host.processes.get(pid);
  if (info && info.exit === null) return null;
  host.processes.delete(pid);
  return info?.exit ?? 137;
}
