/** The ReplicaSets of a Deployment: the one of its template, those before, their revisions. Source: pkg/controller/deployment/{sync,util/deployment_util}.go. */
import { isApiError } from '../../api/status.ts';
import { createResource } from '../../api/write.ts';
import { emitEvent } from '../../events.ts';
import { kindOf } from '../../kinds/resources.ts';
import { clone, same } from '../../store/clone.ts';
import { getObject, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { reference } from '../follow/claim.ts';
import { templateHash } from '../follow/hash.ts';
import type { Context } from '../follow/memory.ts';
import * as n from './numbers.ts';
import { setProgressing } from './status.ts';

/** What a look at a Deployment works with. */
export interface Rollout extends Context {
  deployment: KubeObject;
  /** All its sets, oldest first. */
  sets: KubeObject[];
  /** The set of the present template, when there is one. */
  current: KubeObject | null;
  /** All others. */
  old: KubeObject[];
}

const HASH = 'pod-template-hash';

function bare(template: KubeObject): KubeObject {
  const copy = clone(template);
  if (copy.metadata?.labels) delete copy.metadata.labels[HASH];
  return copy;
}

/** The oldest set whose template is the Deployment's. */
const findCurrent = (deployment: KubeObject, sets: readonly KubeObject[]): KubeObject | null =>
  sets.find((set) => same(bare(set.spec?.template), bare(deployment.spec?.template))) ?? null;

const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  n.REVISION,
  n.REVISION_HISTORY,
  n.DESIRED,
  n.MAX,
  'deprecated.deployment.rollback.to',
]);

/** Annotations that the set takes from its Deployment, and its revision. Answers whether one changed. */
function annotate(deployment: KubeObject, set: KubeObject, revision: number, exists: boolean): boolean {
  const annotations = { ...set.metadata.annotations };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {}))
    if (!NOT_COPIED.has(key)) annotations[key] = value;
  const before = annotations[n.REVISION];
  if ((Number(before ?? 0) || 0) < revision) {
    annotations[n.REVISION] = String(revision);
    if (exists && before !== undefined) {
      const history = annotations[n.REVISION_HISTORY];
      annotations[n.REVISION_HISTORY] = history ? `${history},${before}` : before;
    }
  }
  if (!exists) Object.assign(annotations, sizes(deployment));
  if (same(annotations, set.metadata.annotations ?? {})) return false;
  set.metadata.annotations = annotations;
  return true;
}

const sizes = (deployment: KubeObject): Record<string, string> => ({
  [n.DESIRED]: String(n.replicasOf(deployment)),
  [n.MAX]: String(n.replicasOf(deployment) + n.maxSurge(deployment)),
});

function createSet(context: Context, deployment: KubeObject, all: KubeObject[], revision: number): KubeObject | null {
  const { world } = context;
  const { name, namespace } = deployment.metadata;
  const collisions = deployment.status?.collisionCount ?? 0;
  const hash = templateHash(deployment.spec?.template, collisions);
  const template = clone(deployment.spec?.template);
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, [HASH]: hash } };
  const selector = clone(deployment.spec?.selector);
  selector.matchLabels = { ...selector.matchLabels, [HASH]: hash };
  const replicas = n.newSetReplicas(deployment, all, null);
  const { minReadySeconds } = deployment.spec ?? {};
  const wanted: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...template.metadata.labels },
      ownerReferences: [reference(deployment)],
    },
    spec: { replicas, selector, template, ...(minReadySeconds ? { minReadySeconds } : {}) },
  };
  annotate(deployment, wanted, revision, false);
  const made = createResource(world, kindOf('replicasets'), wanted);
  if (isApiError(made)) {
    const message = `Failed to create new replica set "${wanted.metadata.name}": ${made.message}`;
    if (made.reason === 'AlreadyExists') {
      // Another template's set has the name: the hash takes a count of such cases in.
      deployment.status = { ...deployment.status, collisionCount: collisions + 1 };
      touchObject(world, 'deployments', deployment);
    } else if (setProgressing(world, deployment, 'False', 'ReplicaSetCreateError', message))
      emitEvent(world, deployment, 'Warning', 'ReplicaSetCreateError', message, n.COMPONENT);
    return null;
  }
  if (replicas > 0)
    emitEvent(
      world,
      deployment,
      'Normal',
      'ScalingReplicaSet',
      `Scaled up replica set ${made.metadata.name} from 0 to ${replicas}`,
      n.COMPONENT,
    );
  return made;
}

/** Finds the Deployment's sets and numbers their revisions; makes the new one when `create` says so. */
export function rolloutOf(context: Context, deployment: KubeObject, sets: KubeObject[], create: boolean): Rollout {
  const { world } = context;
  let current = findCurrent(deployment, sets);
  const old = sets.filter((set) => set !== current);
  const revision = Math.max(0, ...old.map(n.revisionOf)) + 1;
  const deadline = deployment.spec?.progressDeadlineSeconds !== undefined;
  if (current) {
    const annotated = annotate(deployment, current, revision, true);
    const minReady = deployment.spec?.minReadySeconds ?? 0;
    const differs = (current.spec?.minReadySeconds ?? 0) !== minReady;
    if (differs) current.spec.minReadySeconds = minReady;
    if (annotated || differs) touchObject(world, 'replicasets', current, differs);
    numberDeployment(context, deployment, current);
    if (deadline && !(deployment.status?.conditions ?? []).some((c: { type: string }) => c.type === 'Progressing'))
      setProgressing(
        world,
        deployment,
        'True',
        'FoundNewReplicaSet',
        `Found new replica set "${current.metadata.name}"`,
      );
  } else if (create) {
    const known = getObject(world, 'deployments', deployment.metadata.namespace, deployment.metadata.name);
    current = known === deployment ? createSet(context, deployment, sets, revision) : null;
    if (current) {
      numberDeployment(context, deployment, current);
      if (deadline)
        setProgressing(
          world,
          deployment,
          'True',
          'NewReplicaSetCreated',
          `Created new replica set "${current.metadata.name}"`,
        );
    }
  }
  return { ...context, deployment, sets: current ? [...old, current].sort(n.older) : sets, current, old };
}

function numberDeployment({ world }: Context, deployment: KubeObject, current: KubeObject): void {
  const revision = current.metadata.annotations?.[n.REVISION];
  if (revision === undefined || deployment.metadata.annotations?.[n.REVISION] === revision) return;
  deployment.metadata.annotations = { ...deployment.metadata.annotations, [n.REVISION]: revision };
  touchObject(world, 'deployments', deployment);
}

/** Gives a set another size. Answers whether it was another. */
export function scaleSet({ world, deployment }: Rollout, set: KubeObject, replicas: number): boolean {
  const before = n.replicasOf(set);
  const annotations = { ...set.metadata.annotations, ...sizes(deployment) };
  if (before === replicas && same(annotations, set.metadata.annotations)) return false;
  set.metadata.annotations = annotations;
  set.spec.replicas = replicas;
  touchObject(world, 'replicasets', set, before !== replicas);
  if (before === replicas) return false;
  emitEvent(
    world,
    deployment,
    'Normal',
    'ScalingReplicaSet',
    `Scaled ${replicas > before ? 'up' : 'down'} replica set ${set.metadata.name} from ${before} to ${replicas}`,
    n.COMPONENT,
  );
  return true;
}
