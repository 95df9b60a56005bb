/** Which objects a command line names: `pods`, `pod x y`, `pod/x svc/y`, `deploy,svc`, `all`. Source: k8s.io/cli-runtime pkg/resource. */
import { notFound } from '../../k8s/api/status.ts';
import { findResource, type Kind } from '../../k8s/kinds/resources.ts';
import { getObject, listObjects } from '../../k8s/store/store.ts';
import type { KubeObject } from '../../k8s/types.ts';
import type { World } from '../../kernel/world.ts';

/** What `all` stands for. */
const ALL = ['pods', 'services', 'daemonsets', 'deployments', 'replicasets'];

export interface Selected {
  resource: Kind;
  objects: KubeObject[];
}

export interface Selection {
  groups: Selected[];
  /** Messages for names that are not there. */
  errors: string[];
  /** Whether single objects were named. */
  named: boolean;
  /** Whether more than one type was asked for: names get their type in front. */
  many: boolean;
}

export type SelectionResult = { ok: true; selection: Selection } | { ok: false; error: string };

const byName = (a: KubeObject, b: KubeObject): number => {
  const [x, y] = [
    `${a.metadata.namespace ?? ''}/${a.metadata.name}`,
    `${b.metadata.namespace ?? ''}/${b.metadata.name}`,
  ];
  return x < y ? -1 : x > y ? 1 : 0;
};

const unknown = (word: string): string => `error: the server doesn't have a resource type "${word}"`;

/** Resolves operands. `namespace` undefined means all of them. */
export function selectObjects(
  world: World,
  args: readonly string[],
  namespace: string | undefined,
  selector?: string,
): SelectionResult {
  const selection: Selection = { groups: [], errors: [], named: false, many: false };
  const add = (resource: Kind, object: KubeObject): void => {
    const group = selection.groups.find((g) => g.resource === resource);
    if (group) group.objects.push(object);
    else selection.groups.push({ resource, objects: [object] });
  };
  const one = (resource: Kind, name: string): void => {
    selection.named = true;
    const object = getObject(world, resource.name, resource.namespaced ? (namespace ?? 'default') : undefined, name);
    if (object) add(resource, object);
    else selection.errors.push(`Error from server (NotFound): ${notFound(resource, name).message}`);
  };
  if (args.some((a) => a.includes('/'))) {
    for (const arg of args) {
      const [type = '', name = '', more] = arg.split('/');
      if (!arg.includes('/'))
        return {
          ok: false,
          error:
            "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
        };
      if (name === '' || more !== undefined)
        return { ok: false, error: `error: arguments in resource/name form may not have more than one slash` };
      const resource = findResource(type);
      if (!resource) return { ok: false, error: unknown(type) };
      one(resource, name);
    }
    selection.many = selection.groups.length > 1;
    return { ok: true, selection };
  }
  const [types = '', ...names] = args;
  const wanted: Kind[] = [];
  for (const type of types.split(',')) {
    for (const word of type === 'all' ? ALL : [type]) {
      const resource = findResource(word);
      if (!resource) return { ok: false, error: unknown(word) };
      if (!wanted.includes(resource)) wanted.push(resource);
    }
  }
  selection.many = wanted.length > 1 || types === 'all';
  for (const resource of wanted) {
    if (names.length > 0) for (const name of names) one(resource, name);
    else {
      const objects = listObjects(world, resource.name, {
        ...(resource.namespaced && namespace !== undefined ? { namespace } : {}),
        ...(selector === undefined ? {} : { selector }),
      });
      selection.groups.push({ resource, objects: [...objects].sort(byName) });
    }
  }
  return { ok: true, selection };
}
