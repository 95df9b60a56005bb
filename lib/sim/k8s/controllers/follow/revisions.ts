/** The history of a DaemonSet or StatefulSet: a ControllerRevision for each template it had. Source: pkg/controller/history/controller_history.go. */
import { deleteResource } from '../../api/delete.ts';
import { isApiError } from '../../api/status.ts';
import { createResource } from '../../api/write.ts';
import { kindOf } from '../../kinds/resources.ts';
import { clone, same } from '../../store/clone.ts';
import { touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { reference } from './claim.ts';
import { templateHash } from './hash.ts';
import { type Context, controllerOf, having } from './memory.ts';

export const REVISION_HASH = 'controller-revision-hash';

const dataOf = (owner: KubeObject): unknown => ({ spec: { template: { ...owner.spec?.template, $patch: 'replace' } } });

/** The owner's revisions, lowest number first. */
export function historyOf(context: Context, owner: KubeObject): KubeObject[] {
  return having(context, context.memory.dependents, owner.metadata.uid ?? '')
    .filter((o) => o.kind === 'ControllerRevision' && controllerOf(o)?.uid === owner.metadata.uid)
    .sort((a, b) => a.revision - b.revision);
}

/** The revision of the present template, made or brought to the front when need be; null when the API refuses it. */
export function presentRevision(context: Context, owner: KubeObject): KubeObject | null {
  const { world } = context;
  const history = historyOf(context, owner);
  const data = dataOf(owner);
  const newest = history.at(-1);
  const known = history.findLast((r) => same(r.data, data));
  const next = (newest?.revision ?? 0) + 1;
  if (known) {
    if (known !== newest) {
      known.revision = next;
      touchObject(world, 'controllerrevisions', known);
    }
    return known;
  }
  const hash = templateHash(data);
  const made = createResource(world, kindOf('controllerrevisions'), {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${owner.metadata.name}-${hash}`,
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      labels: { ...owner.spec?.template?.metadata?.labels, [REVISION_HASH]: hash },
      ownerReferences: [reference(owner)],
    },
    data: clone(data),
    revision: next,
  });
  return isApiError(made) ? null : made;
}

/** The template that a revision stands for. */
export function templateOf(revision: KubeObject): KubeObject {
  const { $patch: _, ...template } = revision.data.spec.template;
  return template;
}

/** Deletes the oldest revisions beyond the owner's limit; those in `used` stay. */
export function trimHistory({ world, memory }: Context, owner: KubeObject, used: ReadonlySet<string>): void {
  const spare = historyOf({ world, memory }, owner).filter((r) => !used.has(r.metadata.name));
  for (const r of spare.slice(0, Math.max(0, spare.length - (owner.spec?.revisionHistoryLimit ?? 10))))
    deleteResource(world, kindOf('controllerrevisions'), r.metadata.namespace, r.metadata.name);
}
