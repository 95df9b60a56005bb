/** Starting a program in a Pod's container, for kubectl and for the API's exec. Source: kubernetes/kubernetes pkg/registry/core/pod/rest/subresources.go, containerd's CRI. */
import type { Machine, SpawnOptions } from '../kernel/machine.ts';
import type { Proc } from '../kernel/process.ts';
import { findProgram } from '../shell/program.ts';
import { type ApiError, badRequest, notFound } from './api/status.ts';
import { kindOf } from './kinds/resources.ts';
import { findContainer, podSpawnOptions } from './lookup.ts';
import { getObject } from './store/store.ts';

export type ExecTarget =
  | { ok: true; options: Omit<SpawnOptions, 'argv'>; argv: string[] }
  /** The server's refusal, or what the kubelet said when the connection was to be upgraded. */
  | { ok: false; error: ApiError; upgraded: boolean };

/** Resolves what to start; the Pod's first container when none is named. */
export function resolveExec(
  machine: Machine,
  namespace: string,
  name: string,
  container: string | undefined,
  argv: readonly string[],
): ExecTarget {
  const refuse = (error: ApiError, upgraded = false): ExecTarget => ({ ok: false, error, upgraded });
  const pod = getObject(machine.world, 'pods', namespace, name);
  if (!pod) return refuse(notFound(kindOf('pods'), name));
  if (!pod.spec?.nodeName) return refuse(badRequest(`pod ${name} does not have a host assigned`));
  const names = ((pod.spec?.containers ?? []) as { name: string }[]).map((c) => c.name);
  if (container !== undefined && !names.includes(container))
    return refuse(badRequest(`container ${container} is not valid for pod ${name}`));
  const internal = (message: string): ExecTarget => refuse({ code: 500, reason: 'InternalError', message }, true);
  const found = findContainer(machine, namespace, name, container);
  const options = podSpawnOptions(machine, namespace, name, container);
  const main = found && machine.find(found.host.name, found.container.pid);
  if (!found || !options || !main)
    return internal(`unable to upgrade connection: container not found ("${container ?? names[0] ?? ''}")`);
  const env = options.env ?? main.env;
  const program = findProgram({ ...main, root: options.root ?? main.root, cwd: '/', env } as Proc, argv);
  if (program.ok) return { ok: true, options: { ...options, main: program.main }, argv: program.argv };
  const [word = ''] = argv;
  const reason =
    program.errno === 'ENOENT'
      ? word.includes('/')
        ? `stat ${word}: no such file or directory`
        : 'executable file not found in $PATH'
      : 'permission denied';
  return internal(
    `Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "${found.container.id}": OCI runtime exec failed: exec failed: unable to start container process: exec: "${word}": ${reason}: unknown`,
  );
}
