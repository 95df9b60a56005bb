/** What the kubelet writes to its journal when Pods cannot be started. Places in the source are those of 1.34 as public reports show them. */
import { printErr } from '../../commands/io.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import { klog } from '../node/journal.ts';
import type { KubeObject } from '../types.ts';

const quote = (text: string): string => JSON.stringify(text);
const nameOf = (pod: KubeObject): string => `${pod.metadata.namespace}/${pod.metadata.name}`;

/** The four lines of a sandbox that could not be made; `error` as the runtime answered it. */
export function* logSandboxFailure(proc: Proc, pod: KubeObject, error: string): Io<void> {
  const full = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
  const cause = `failed to "CreatePodSandbox" for "${full}" with CreatePodSandboxError: ${quote(`Failed to create sandbox for pod ${quote(full)}: ${error}`)}`;
  yield* printErr(
    klog(proc, 'E', 'log.go:32', `"RunPodSandbox from runtime service failed" err=${quote(error)}`) +
      klog(
        proc,
        'E',
        'kuberuntime_sandbox.go:70',
        `"Failed to create sandbox for pod" err=${quote(error)} pod=${quote(nameOf(pod))}`,
      ) +
      klog(
        proc,
        'E',
        'kuberuntime_manager.go:1343',
        `"CreatePodSandbox for pod failed" err=${quote(error)} pod=${quote(nameOf(pod))}`,
      ) +
      klog(
        proc,
        'E',
        'pod_workers.go:1324',
        `"Error syncing pod, skipping" err=${quote(cause)} pod=${quote(nameOf(pod))} podUID=${quote(pod.metadata.uid ?? '')}`,
      ),
  );
}

/** The line of a node without a network configuration; `state` as the runtime reports it. */
export function* logNetworkNotReady(proc: Proc, state: string): Io<void> {
  yield* printErr(
    klog(proc, 'E', 'kubelet.go:3117', `"Container runtime network not ready" networkReady=${quote(state)}`),
  );
}
