/** /var/log/pods and /var/log/containers: what containers wrote, in the CRI's format. Source: kubernetes/kubernetes pkg/kubelet/kuberuntime/helpers.go, containerd internal/cri/io. */
import type { Proc } from '../../kernel/process.ts';
import type { Container, LogLine, World } from '../../kernel/world.ts';
import { descend, lazyDir, linkTo, readOnly } from '../../linux/proc/nodes.ts';
import type { DynamicFs, VNode } from '../../shell/vfs/types.ts';
import { formatTime } from '../store/store.ts';

/** A time with nanoseconds, as the runtime stamps lines. */
export function logTime(world: World, at: number): string {
  const seconds = Math.floor(at / 1_000_000);
  const micros = at - seconds * 1_000_000;
  return `${formatTime(world.epoch + seconds).slice(0, -1)}.${String(micros).padStart(6, '0')}000Z`;
}

const criLine = (world: World, { at, stream, text }: LogLine): string => `${logTime(world, at)} ${stream} F ${text}\n`;

const folderOf = (c: Container): string => `${c.namespace}_${c.pod}_${c.podUid}`;

/** Directories by the parts of a path, made of the containers that the runtime knows. */
function tree(proc: Proc): VNode {
  const { host, world } = proc;
  const containers = [...host.containers.values()].filter((c) => c.name !== 'POD');
  const file = (c: Container): [string, VNode] => [
    `${c.attempt}.log`,
    readOnly(() => c.log.map((line) => criLine(world, line)).join('')),
  ];
  const group = <T>(list: readonly T[], key: (item: T) => string): [string, T[]][] => {
    const groups = new Map<string, T[]>();
    for (const item of list) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
    return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  };
  return lazyDir(() =>
    group(containers, folderOf).map(([pod, ofPod]) => [
      pod,
      lazyDir(() => group(ofPod, (c) => c.name).map(([name, list]) => [name, lazyDir(() => list.map(file))])),
    ]),
  );
}

/** /var/log/pods. */
export const podLogs: DynamicFs = { name: 'pod-logs', lookup: (proc, parts) => descend(tree(proc), parts) };

/** /var/log/containers: a link for each container. */
export const containerLogs: DynamicFs = {
  name: 'container-logs',
  lookup: (proc, parts) =>
    descend(
      lazyDir(() =>
        [...proc.host.containers.values()]
          .filter((c) => c.name !== 'POD')
          .map((c): [string, VNode] => [
            `${c.pod}_${c.namespace}_${c.name}-${c.id}.log`,
            linkTo(`/var/log/pods/${folderOf(c)}/${c.name}/${c.attempt}.log`),
          ])
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
      parts,
    ),
};
