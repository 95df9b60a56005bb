/** Which objects a controller counts as its own: it adopts and releases by its selector. Source: pkg/controller/controller_ref_manager.go. */
import { matchesLabelSelector } from '../../store/selector.ts';
import { touchObject } from '../../store/store.ts';
import type { KubeObject, OwnerReference } from '../../types.ts';
import { type Context, controllerOf, having } from './memory.ts';

/** A controller's mark on what it makes. */
export const reference = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

/** All objects of a resource that the owner controls, after orphans that match were adopted and those that match no more let go. */
export function claim(context: Context, owner: KubeObject, resource: string): KubeObject[] {
  const { world, memory } = context;
  const { uid = '', namespace, deletionTimestamp } = owner.metadata;
  const matches = (o: KubeObject): boolean => matchesLabelSelector(o.metadata.labels ?? {}, owner.spec?.selector);
  const own = having(context, memory.dependents, uid).filter(
    (o) => controllerOf(o)?.uid === uid && memory.ids.get(o.metadata.uid ?? '')?.startsWith(`${resource} `),
  );
  if (deletionTimestamp !== undefined) return own.filter(matches);
  const kept = own.filter((o) => {
    if (matches(o)) return true;
    o.metadata.ownerReferences = o.metadata.ownerReferences?.filter((ref) => ref.uid !== uid);
    touchObject(world, resource, o);
    return false;
  });
  for (const o of having(context, memory.places, `orphan ${resource} ${namespace}`)) {
    if (controllerOf(o) || o.metadata.deletionTimestamp !== undefined || !matches(o)) continue;
    o.metadata.ownerReferences = [...(o.metadata.ownerReferences ?? []), reference(owner)];
    touchObject(world, resource, o);
    kept.push(o);
  }
  return kept;
}
