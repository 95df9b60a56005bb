/** Deployments: roll their ReplicaSets from one template to the next. Source: kubernetes/kubernetes pkg/controller/deployment (1.34). */
import { deleteResource } from '../../api/delete.ts';
import { emitEvent } from '../../events.ts';
import { kindOf } from '../../kinds/resources.ts';
import type { KubeObject } from '../../types.ts';
import { claim } from '../follow/claim.ts';
import { enqueue, followOwned, type Loop } from '../follow/loop.ts';
import { byKey, type Context, controllerOf, objectOf } from '../follow/memory.ts';
import { conditionOf } from '../follow/status.ts';
import * as n from './numbers.ts';
import { recreateStep, rollStep } from './roll.ts';
import { isScaling, scaleStep } from './scale.ts';
import { type Rollout, rolloutOf } from './sets.ts';
import { isComplete, report, setProgressing } from './status.ts';

const NAME = 'deployments';

/** Deletes old sets beyond the limit of history, lowest revision first. */
function cleanUp({ world, deployment, old }: Rollout): void {
  const limit = deployment.spec?.revisionHistoryLimit;
  if (limit === undefined) return;
  const kept = old.filter((set) => set.metadata.deletionTimestamp === undefined);
  const byRevision = [...kept].sort((a, b) => n.revisionOf(a) - n.revisionOf(b));
  for (const set of byRevision.slice(0, Math.max(0, kept.length - limit))) {
    const busy = (set.status?.replicas ?? 0) !== 0 || n.replicasOf(set) !== 0;
    if (busy || (set.metadata.generation ?? 0) > (set.status?.observedGeneration ?? 0)) continue;
    deleteResource(world, kindOf('replicasets'), set.metadata.namespace, set.metadata.name);
  }
}

/** Tells by the condition Progressing that the Deployment was paused or goes on. */
function notePause({ world }: Context, deployment: KubeObject): void {
  if (deployment.spec?.progressDeadlineSeconds === undefined) return;
  const known = conditionOf(deployment, 'Progressing');
  if (known?.reason === 'ProgressDeadlineExceeded') return;
  const paused = known?.reason === 'DeploymentPaused';
  if (deployment.spec.paused && !paused)
    setProgressing(world, deployment, 'Unknown', 'DeploymentPaused', 'Deployment is paused');
  else if (!deployment.spec.paused && paused)
    setProgressing(world, deployment, 'Unknown', 'DeploymentResumed', 'Deployment is resumed');
}

const selectsAll = ({ spec }: KubeObject): boolean =>
  Object.keys(spec?.selector?.matchLabels ?? {}).length === 0 && (spec?.selector?.matchExpressions ?? []).length === 0;

function sync(context: Context, key: string): number | undefined {
  const { world } = context;
  const deployment = byKey(world, NAME, key);
  if (!deployment) return undefined;
  if (selectsAll(deployment)) {
    const message = 'This deployment is selecting all pods. A non-empty selector is required.';
    emitEvent(world, deployment, 'Warning', 'SelectingAll', message, n.COMPONENT);
    return undefined;
  }
  const sets = claim(context, deployment, 'replicasets').sort(n.older);
  if (deployment.metadata.deletionTimestamp !== undefined)
    return report(rolloutOf(context, deployment, sets, false), false);
  notePause(context, deployment);
  const rollout = rolloutOf(context, deployment, sets, false);
  if (deployment.spec?.paused || isScaling(rollout)) {
    scaleStep(rollout);
    if (deployment.spec?.paused) cleanUp(rollout);
    return report(rollout, false);
  }
  let after = rollout;
  if (n.isRolling(deployment)) {
    if (!rollout.current) after = rolloutOf(context, deployment, sets, true);
    rollStep(after);
  } else after = recreateStep(rollout);
  if (isComplete(after)) cleanUp(after);
  return report(after, true);
}

const followSets = followOwned(NAME, NAME, 'replicasets');

export const deployments: Loop = {
  name: NAME,
  follow(context, change) {
    followSets(context, change);
    // Recreate waits for the last old Pod to go.
    if (change.resource !== 'pods' || !change.gone) return;
    for (const uid of change.owners) {
      const set = objectOf(context.world, context.memory.ids.get(uid) ?? ' ');
      if (!set) continue;
      const owner = controllerOf(set);
      if (owner?.kind === 'Deployment') enqueue(context.memory, NAME, `${set.metadata.namespace}/${owner.name}`);
    }
  },
  sync,
};
