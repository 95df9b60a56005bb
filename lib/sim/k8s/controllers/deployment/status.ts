/** A Deployment's status and its conditions. Source: kubernetes/kubernetes pkg/controller/deployment/{sync,progress}.go. */
import type { World } from '../../../kernel/world.ts';
import { timestamp, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { unixNow, virtualTime } from '../follow/pods.ts';
import { type Condition, conditionOf, counts, setStatus } from '../follow/status.ts';
import * as n from './numbers.ts';
import type { Rollout } from './sets.ts';

/** A condition set or changed goes to the end of the list; one with the status and reason it has stays as it is. */
function put(world: World, conditions: Condition[], wanted: Condition, renewed = false): Condition[] {
  const known = conditions.find((c) => c.type === wanted.type);
  if (!renewed && known?.status === wanted.status && known.reason === wanted.reason) return conditions;
  const at = timestamp(world);
  return [
    ...conditions.filter((c) => c !== known),
    {
      type: wanted.type,
      status: wanted.status,
      lastUpdateTime: at,
      lastTransitionTime: known?.status === wanted.status ? (known.lastTransitionTime ?? at) : at,
      ...(wanted.reason === undefined ? {} : { reason: wanted.reason }),
      ...(wanted.message === undefined ? {} : { message: wanted.message }),
    },
  ];
}

/** Sets the condition Progressing at once. Answers whether it changed. */
export function setProgressing(
  world: World,
  deployment: KubeObject,
  status: Condition['status'],
  reason: string,
  message: string,
): boolean {
  const before = (deployment.status?.conditions ?? []) as Condition[];
  const conditions = put(world, before, { type: 'Progressing', status, reason, message });
  if (conditions === before) return false;
  deployment.status = { ...deployment.status, conditions };
  touchObject(world, 'deployments', deployment);
  return true;
}

type Counts = Record<'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas', number>;

function countsOf({ sets, current }: Rollout): Counts {
  return {
    replicas: n.statusSum(sets, 'replicas'),
    updatedReplicas: current ? n.statusSum([current], 'replicas') : 0,
    readyReplicas: n.statusSum(sets, 'readyReplicas'),
    availableReplicas: n.statusSum(sets, 'availableReplicas'),
  };
}

/** Whether the update is through. */
export function isComplete(rollout: Rollout): boolean {
  const { updatedReplicas, replicas, availableReplicas } = countsOf(rollout);
  const wanted = n.replicasOf(rollout.deployment);
  return updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted;
}

function isProgressing(now: Counts, deployment: KubeObject): boolean {
  const { replicas = 0, updatedReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = deployment.status ?? {};
  return (
    now.updatedReplicas > updatedReplicas ||
    now.replicas - now.updatedReplicas < replicas - updatedReplicas ||
    now.readyReplicas > readyReplicas ||
    now.availableReplicas > availableReplicas
  );
}

const SETTLED = ['NewReplicaSetAvailable', 'ProgressDeadlineExceeded'];

/** Unix seconds at which the deadline is over; null when none runs. */
function deadlineOf(deployment: KubeObject, condition: Condition | undefined): number | null {
  const seconds = deployment.spec?.progressDeadlineSeconds;
  if (seconds === undefined || !condition || SETTLED.includes(condition.reason ?? '')) return null;
  return Date.parse(condition.lastUpdateTime ?? '') / 1000 + seconds;
}

function progress(rollout: Rollout, conditions: Condition[], now: Counts): Condition[] {
  const { world, deployment, current } = rollout;
  const known = conditions.find((c) => c.type === 'Progressing');
  if (deployment.spec?.progressDeadlineSeconds === undefined) return conditions.filter((c) => c !== known);
  if (now.replicas === now.updatedReplicas && known?.reason === 'NewReplicaSetAvailable') return conditions;
  const what = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  const set = (status: Condition['status'], reason: string, message: string, renewed = false): Condition[] =>
    put(world, conditions, { type: 'Progressing', status, reason, message: `${what} ${message}` }, renewed);
  if (isComplete(rollout)) return set('True', 'NewReplicaSetAvailable', 'has successfully progressed.');
  if (isProgressing(now, deployment)) return set('True', 'ReplicaSetUpdated', 'is progressing.', true);
  const deadline = deadlineOf(deployment, known);
  if (known?.reason === 'ProgressDeadlineExceeded' || (deadline !== null && deadline < unixNow(world)))
    return set('False', 'ProgressDeadlineExceeded', 'has timed out progressing.');
  return conditions;
}

function failure(rollout: Rollout, conditions: Condition[]): Condition[] {
  const { world, sets, current } = rollout;
  const from = current ? [current, ...sets] : sets;
  const found = from.flatMap((set) => conditionOf(set, 'ReplicaFailure') ?? [])[0];
  if (!found) return conditions.filter((c) => c.type !== 'ReplicaFailure');
  return put(world, conditions, found);
}

/** Writes status. `rolling` judges progress, too. Answers when the deadline is to be looked at, virtual µs. */
export function report(rollout: Rollout, rolling: boolean): number | undefined {
  const { world, deployment, sets } = rollout;
  const now = countsOf(rollout);
  const enough = now.availableReplicas >= n.replicasOf(deployment) - n.maxUnavailable(deployment);
  let conditions = put(
    world,
    (deployment.status?.conditions ?? []) as Condition[],
    enough
      ? {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        }
      : {
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        },
  );
  if (rolling) conditions = failure(rollout, progress(rollout, conditions, now));
  const { collisionCount } = deployment.status ?? {};
  setStatus(world, 'deployments', deployment, {
    observedGeneration: deployment.metadata.generation,
    ...counts({ ...now, unavailableReplicas: Math.max(0, n.wantedOf(sets) - now.availableReplicas) }),
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  });
  const deadline = deadlineOf(deployment, conditionOf(deployment, 'Progressing'));
  // A second later: it is over when the deadline lies before now.
  return deadline === null || !rolling ? undefined : virtualTime(world, deadline + 1);
}
