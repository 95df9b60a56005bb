import { isApiError } from '../../k8s/api/status.ts';
import { createResource } from '../../k8s/api/write.ts';
import { kindOf } from '../../k8s/kinds/resources.ts';
import type { KubeObject } from '../../k8s/types.ts';
import type { World } from '../../kernel/world.ts';

/** Stores an object of a scene; a scene whose object is refused is a defect. */
export function create(world: World, resource: string, object: KubeObject): KubeObject {
  const made = createResource(world, kindOf(resource), object);
  if (isApiError(made)) throw new Error(made.message);
  return made;
}
