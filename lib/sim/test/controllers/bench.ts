/** A cluster of objects alone, for tests of control loops: the test plays the kubelet. */

import { isApiError } from '../../k8s/api/status.ts';
import { createResource } from '../../k8s/api/write.ts';
import { type Memory, newMemory } from '../../k8s/controllers/follow/memory.ts';
import { settle } from '../../k8s/controllers/program.ts';
import { kindOf } from '../../k8s/kinds/resources.ts';
import { createCluster, getObject, listObjects, removeObject, timestamp, touchObject } from '../../k8s/store/store.ts';
import type { KubeObject } from '../../k8s/types.ts';
import { createWorld } from '../../kernel/create.ts';
import type { World } from '../../kernel/world.ts';

/** Stores an object as a client does; a refusal is the test's defect. */
export function create(world: World, resource: string, object: Record<string, unknown>): KubeObject {
  const kind = kindOf(resource);
  const made = createResource(world, kind, { apiVersion: kind.apiVersion, kind: kind.kind, ...object } as KubeObject);
  if (isApiError(made)) throw new Error(made.message);
  return made;
}

export class Bench {
  readonly world = createWorld('controllers', 7);
  readonly memory: Memory = newMemory();
  private address = 1;

  /** With so many nodes that are ready. */
  constructor(nodes: number) {
    this.world.cluster = createCluster();
    for (const name of ['default', 'kube-system']) create(this.world, 'namespaces', { metadata: { name } });
    for (let i = 1; i <= nodes; i++) this.addNode(`node${i}`);
    this.settle();
  }

  addNode(name: string, more: Record<string, unknown> = {}): KubeObject {
    return create(this.world, 'nodes', {
      metadata: { name, labels: { 'kubernetes.io/hostname': name, ...(more.labels as object) } },
      spec: {},
      status: {
        allocatable: { cpu: '2', memory: '4Gi', pods: '110' },
        conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: timestamp(this.world) }],
      },
    });
  }

  /** Runs the loops; false when they do not come to an end. */
  settle(): boolean {
    return settle(this);
  }

  /** Nodes whose kubelets say nothing. */
  readonly silent = new Set<string>();

  /** Lets time pass, s. Kubelets say at its end that they are there. */
  wait(seconds: number): void {
    this.world.now += seconds * 1_000_000;
    for (const node of listObjects(this.world, 'nodes')) {
      if (this.silent.has(node.metadata.name)) continue;
      node.status = {
        ...node.status,
        conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: timestamp(this.world) }],
      };
      touchObject(this.world, 'nodes', node);
    }
  }

  pods(): KubeObject[] {
    return listObjects(this.world, 'pods');
  }

  get(resource: string, name: string): KubeObject {
    const object = getObject(this.world, resource, 'default', name);
    if (!object) throw new Error(`no ${resource}/${name}`);
    return object;
  }

  /** What a kubelet does: Pods that are bound run, those that are to go are gone. Answers how many changed. */
  kubelet(ready: (pod: KubeObject) => boolean = () => true): number {
    let changed = 0;
    for (const pod of this.pods()) {
      if (!pod.spec?.nodeName || this.silent.has(pod.spec.nodeName)) continue;
      const { namespace, name, deletionTimestamp } = pod.metadata;
      if (deletionTimestamp !== undefined) {
        removeObject(this.world, 'pods', namespace, name);
        changed++;
      } else if (pod.status?.phase !== 'Running' || (ready(pod) && pod.status.conditions[0].status !== 'True')) {
        const ip = pod.status?.podIP ?? `10.244.0.${this.address++}`;
        pod.status = {
          phase: 'Running',
          podIP: ip,
          podIPs: [{ ip }],
          conditions: [
            { type: 'Ready', status: ready(pod) ? 'True' : 'False', lastTransitionTime: timestamp(this.world) },
          ],
        };
        touchObject(this.world, 'pods', pod);
        changed++;
      }
    }
    return changed;
  }

  /** Loops and kubelets by turns until nothing changes. `watch` is called between them. */
  run(watch: () => void = () => {}): void {
    for (let i = 0; i < 100; i++) {
      if (!this.settle()) throw new Error('the loops do not settle');
      watch();
      if (this.kubelet() === 0) return;
      watch();
    }
    throw new Error('still changing after 100 turns');
  }

  events(reason: string): string[] {
    return listObjects(this.world, 'events')
      .filter((e) => e.reason === reason)
      .map((e) => e.message);
  }
}

/** A Pod template with one container. */
export const template = (labels: Record<string, string>, more: Record<string, unknown> = {}) => ({
  metadata: { labels },
  spec: {
    containers: [{ name: 'main', image: 'nginx:1.27', ...(more.container as object) }],
    ...(more.spec as object),
  },
});
