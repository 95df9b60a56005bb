import type { FieldError } from '../../api/status.ts';
import { clone, same } from '../../store/clone.ts';
import type { KubeObject } from '../../types.ts';
import { forbiddenField } from '../shapes/check.ts';
import { validatePodSpec } from '../shapes/validate.ts';

const MUTABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Complaints about a Pod. Of one that is there, little may change. Source: kubernetes/kubernetes pkg/apis/core/validation/validation.go (1.34). */
export function validatePod(pod: KubeObject, old: KubeObject | null): FieldError[] {
  const out = validatePodSpec(pod.spec ?? {}, 'spec');
  if (!old) return out;
  return [...out, ...changes(pod, old)];
}

type Container = { name: string; image?: string };

function changes(pod: KubeObject, old: KubeObject): FieldError[] {
  const before = (old.spec ?? {}) as Record<string, unknown>;
  const wanted = clone(pod.spec ?? {}) as Record<string, unknown>;
  const lengths = (name: string): FieldError[] =>
    ((wanted[name] ?? []) as unknown[]).length === ((before[name] ?? []) as unknown[]).length
      ? []
      : [forbiddenField(`spec.${name}`, 'pod updates may not add or remove containers')];
  const counted = [...lengths('containers'), ...lengths('initContainers')];
  if (counted.length > 0) return counted;
  // What may change is made equal; the scheduler's binding and ephemeral containers have ways of their own.
  for (const name of ['containers', 'initContainers'])
    for (const [i, container] of ((wanted[name] ?? []) as Container[]).entries()) {
      const image = ((before[name] ?? []) as Container[])[i]?.image;
      if (image !== undefined) container.image = image;
    }
  for (const name of ['activeDeadlineSeconds', 'tolerations', 'ephemeralContainers', 'nodeName', 'schedulingGates']) {
    if (before[name] === undefined) delete wanted[name];
    else wanted[name] = before[name];
  }
  if (same(wanted, before)) return [];
  return [forbiddenField('spec', MUTABLE)];
}
