/** The scale subresource: autoscaling/v1 Scale. Source: kubernetes/kubernetes pkg/registry/apps/deployment/storage. */
import type { World } from '../../kernel/world.ts';
import { type ApiError, isApiError } from '../api/status.ts';
import { updateResource } from '../api/write.ts';
import { selectorText } from '../kinds/cells.ts';
import type { Kind } from '../kinds/kind.ts';
import { clone } from '../store/clone.ts';
import type { KubeObject } from '../types.ts';

/** The Scale of an object that has replicas. */
export function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorText(object.spec?.selector);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: { replicas: object.spec?.replicas ?? 0 },
    status: { replicas: object.status?.replicas ?? 0, ...(selector === '<none>' ? {} : { selector }) },
  };
}

/** Sets the number of replicas. Answers the new Scale, or the refusal. */
export function setScale(
  world: World,
  kind: Kind,
  object: KubeObject,
  replicas: unknown,
  dryRun: boolean,
): KubeObject | ApiError {
  const scaled = clone(object);
  scaled.spec = { ...scaled.spec, replicas };
  const updated = updateResource(world, kind, scaled, { dryRun });
  return isApiError(updated) ? updated : scaleOf(updated);
}
