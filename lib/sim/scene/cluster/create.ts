import { admitService } from '../../k8s/kinds/service.ts';
import { createObject, isApiError } from '../../k8s/store/store.ts';
import type { KubeObject } from '../../k8s/types.ts';
import type { World } from '../../kernel/world.ts';

/** Stores an object of a scene; a scene whose object is refused is a defect. */
export function create(world: World, resource: string, object: KubeObject): KubeObject {
  if (resource === 'services') {
    const refused = admitService(world, object);
    if (refused) throw new Error(refused.message);
  }
  const made = createObject(world, resource, object);
  if (isApiError(made)) throw new Error(made.message);
  return made as KubeObject;
}
