import type { FieldError } from '../../api/status.ts';
import type { KubeObject } from '../../types.ts';

/** Complaints about a Pod's containers. */
export function validatePod(pod: KubeObject): FieldError[] {
  const containers = pod.spec?.containers;
  if (!Array.isArray(containers) || containers.length === 0)
    return [{ type: 'Required value', field: 'spec.containers' }];
  return containers.flatMap((c, i): FieldError[] => [
    ...(c?.name ? [] : [{ type: 'Required value', field: `spec.containers[${i}].name` } as const]),
    ...(c?.image ? [] : [{ type: 'Required value', field: `spec.containers[${i}].image` } as const]),
  ]);
}
