/** Deployments, ReplicaSets and DaemonSets: the Pods they want. Source: kubernetes/kubernetes pkg/controller/{deployment,replicaset,daemon}. */
import type { World } from '../../kernel/world.ts';
import { sha256 } from '../../text/sha2.ts';
import { deleteResource } from '../api/delete.ts';
import { createResource } from '../api/write.ts';
import { isPodReady } from '../kinds/pods/state.ts';
import { kindOf } from '../kinds/resources.ts';
import { clone, sortKeys } from '../store/clone.ts';
import { insertObject, listObjects, randomSuffix, touchObject } from '../store/store.ts';
import type { KubeObject } from '../types.ts';

const ownedBy = (world: World, resource: string, owner: KubeObject): KubeObject[] =>
  listObjects(world, resource).filter((o) => o.metadata.ownerReferences?.some((ref) => ref.uid === owner.metadata.uid));

const reference = (owner: KubeObject) => [
  {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  },
];

const DIGITS = '456789bcdf';

/**
 * The pod-template-hash: a 32-bit number's decimal digits, each as the letter that SafeEncodeString has for it
 * (k8s.io/apimachinery pkg/util/rand).
 */
const templateHash = (template: unknown): string =>
  String(Number.parseInt(sha256(JSON.stringify(sortKeys(template))).slice(0, 8), 16)).replace(
    /\d/g,
    (d) => DIGITS[Number(d)] as string,
  );

function createPod(
  world: World,
  owner: KubeObject,
  template: KubeObject,
  labels: Record<string, string>,
  nodeName?: string,
): void {
  createResource(world, kindOf('pods'), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${owner.metadata.name}-${randomSuffix(world)}`,
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      labels: { ...template.metadata?.labels, ...labels },
      ownerReferences: reference(owner),
    },
    spec: { ...clone(template.spec), ...(nodeName === undefined ? {} : { nodeName }) },
    status: { phase: 'Pending' },
  });
}

function setStatus(world: World, resource: string, object: KubeObject, status: Record<string, unknown>): void {
  if (JSON.stringify(object.status) === JSON.stringify(status)) return;
  object.status = status;
  touchObject(world, resource, object);
}

function reconcileDeployment(world: World, deployment: KubeObject): void {
  const hash = templateHash(deployment.spec?.template);
  const sets = ownedBy(world, 'replicasets', deployment);
  const name = `${deployment.metadata.name}-${hash}`;
  let current = sets.find((s) => s.metadata.name === name);
  const replicas = deployment.spec?.replicas ?? 1;
  if (!current) {
    const labels = { ...deployment.spec?.template?.metadata?.labels, 'pod-template-hash': hash };
    const made = insertObject(world, 'replicasets', {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name, namespace: deployment.metadata.namespace, labels, ownerReferences: reference(deployment) },
      spec: { replicas, selector: { matchLabels: labels }, template: clone(deployment.spec?.template) },
    });
    if (!made) return;
    current = made;
  } else if (current.spec?.replicas !== replicas) {
    current.spec.replicas = replicas;
    touchObject(world, 'replicasets', current, true);
  }
  for (const old of sets) {
    if (old === current || (old.spec?.replicas ?? 0) === 0) continue;
    old.spec.replicas = 0;
    touchObject(world, 'replicasets', old, true);
  }
  const ready = current.status?.readyReplicas ?? 0;
  setStatus(world, 'deployments', deployment, {
    replicas,
    updatedReplicas: current.status?.replicas ?? 0,
    readyReplicas: ready,
    availableReplicas: ready,
  });
}

function reconcileReplicaSet(world: World, set: KubeObject): void {
  const pods = ownedBy(world, 'pods', set).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const wanted = set.spec?.replicas ?? 1;
  const hash = set.metadata.labels?.['pod-template-hash'];
  for (let i = pods.length; i < wanted; i++)
    createPod(world, set, set.spec?.template, hash === undefined ? {} : { 'pod-template-hash': hash });
  for (const pod of pods.slice(wanted))
    deleteResource(world, kindOf('pods'), pod.metadata.namespace, pod.metadata.name);
  const ready = pods.filter(isPodReady).length;
  setStatus(world, 'replicasets', set, {
    replicas: wanted,
    fullyLabeledReplicas: wanted,
    readyReplicas: ready,
    availableReplicas: ready,
    observedGeneration: set.metadata.generation,
  });
}

function reconcileDaemonSet(world: World, set: KubeObject): void {
  const pods = ownedBy(world, 'pods', set).filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const nodes = listObjects(world, 'nodes').map((n) => n.metadata.name);
  for (const node of nodes)
    if (!pods.some((pod) => pod.spec?.nodeName === node)) createPod(world, set, set.spec?.template, {}, node);
  const ready = pods.filter(isPodReady).length;
  setStatus(world, 'daemonsets', set, {
    currentNumberScheduled: nodes.length,
    desiredNumberScheduled: nodes.length,
    numberReady: ready,
    numberAvailable: ready,
    updatedNumberScheduled: nodes.length,
    numberMisscheduled: 0,
  });
}

/** One pass over all of them. */
export function reconcileWorkloads(world: World): void {
  for (const deployment of listObjects(world, 'deployments')) reconcileDeployment(world, deployment);
  for (const set of listObjects(world, 'replicasets')) reconcileReplicaSet(world, set);
  for (const set of listObjects(world, 'daemonsets')) reconcileDaemonSet(world, set);
}
