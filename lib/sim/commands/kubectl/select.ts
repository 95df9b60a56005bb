/** Which objects a command line names: `pods`, `pod x y`, `pod/x svc/y`, `deploy,svc`, `all`. Source: k8s.io/cli-runtime pkg/resource/builder.go. */
import { fieldSelector } from '../../k8s/api/read.ts';
import { notFound } from '../../k8s/api/status.ts';
import { groupOf, versionOf } from '../../k8s/kinds/group.ts';
import { findResource, inAll, type Kind } from '../../k8s/kinds/resources.ts';
import { parseSelector } from '../../k8s/store/selector.ts';
import { getObject, listObjects } from '../../k8s/store/store.ts';
import type { KubeObject } from '../../k8s/types.ts';
import type { Io, Proc } from '../../kernel/process.ts';
import type { World } from '../../kernel/world.ts';
import { readManifests } from './manifests.ts';

export interface Selected {
  resource: Kind;
  objects: KubeObject[];
}

export interface Selection {
  groups: Selected[];
  /** Messages for names that are not there, and for lists that the server refuses. */
  errors: string[];
  /** Whether objects were named, not listed. */
  named: boolean;
  /** Whether exactly one object was named. */
  single: boolean;
  /** Whether objects of more than one type were found: names get their type in front. */
  many: boolean;
}

export type SelectionResult = { ok: true; selection: Selection } | { ok: false; error: string };

const emptySelection = (): Selection => ({ groups: [], errors: [], named: false, single: false, many: false });

function addNamed(
  world: World,
  selection: Selection,
  resource: Kind,
  namespace: string | undefined,
  name: string,
): void {
  const object = getObject(world, resource.name, resource.namespaced ? namespace : undefined, name);
  const last = selection.groups.at(-1);
  if (!object) selection.errors.push(`Error from server (NotFound): ${notFound(resource, name).message}`);
  else if (last?.resource === resource) last.objects.push(object);
  else selection.groups.push({ resource, objects: [object] });
  selection.many = selection.groups.some((g) => g.resource !== selection.groups[0]?.resource);
}

const byName = (a: KubeObject, b: KubeObject): number => {
  const [x, y] = [
    `${a.metadata.namespace ?? ''}/${a.metadata.name}`,
    `${b.metadata.namespace ?? ''}/${b.metadata.name}`,
  ];
  return x < y ? -1 : x > y ? 1 : 0;
};

/** Which kind a word of the command line means, or the client's complaint. A group may follow: the complaint shows only the name. */
export function resourceOf(word: string): Kind | { error: string } {
  const found = findResource(word);
  if (found) return found;
  return { error: `error: the server doesn't have a resource type "${word.split('.')[0]}"` };
}

/** The list that a selection asks for, or the server's refusal. */
function listed(
  world: World,
  resource: Kind,
  namespace: string | undefined,
  selector: string,
  fields: string,
): KubeObject[] | string {
  const refuse = (why: string): string => {
    const [group, version] = [groupOf(resource), versionOf(resource)];
    return `Error from server (BadRequest): Unable to find "${group}/${version}, Resource=${resource.name}" that match label selector "${selector}", field selector "${fields}": ${why}`;
  };
  if (selector !== '' && parseSelector(selector) === null)
    return refuse(`unable to parse requirement: found '${selector}'`);
  const matches = fieldSelector(resource, fields);
  if (typeof matches !== 'function') return refuse(matches.error);
  return listObjects(world, resource.name, {
    ...(resource.namespaced && namespace !== undefined ? { namespace } : {}),
    ...(selector === '' ? {} : { selector }),
  })
    .filter(matches)
    .sort(byName);
}

/** Types and names of `type/name` words, or of `types names…`; or the client's complaint. */
function operands(args: readonly string[]): { resource: Kind; name: string | null }[] | { error: string } {
  const slashes = args.filter((a) => a.includes('/')).length;
  if (slashes > 0 && slashes < args.length)
    return {
      error:
        "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
    };
  const out: { resource: Kind; name: string | null }[] = [];
  if (slashes > 0) {
    for (const arg of args) {
      const [type = '', name = '', more] = arg.split('/');
      if (more !== undefined)
        return { error: 'error: arguments in resource/name form may not have more than one slash' };
      if (type === '' || name === '' || type.includes(','))
        return { error: 'error: arguments in resource/name form must have a single resource and name' };
      const resource = resourceOf(type);
      if ('error' in resource) return resource;
      out.push({ resource, name });
    }
    return out;
  }
  const [types = '', ...names] = args;
  const kinds: Kind[] = [];
  for (const word of types.split(',')) {
    const found = word === 'all' ? (inAll() as Kind[]) : [resourceOf(word)];
    for (const resource of found) {
      if ('error' in resource) return resource;
      if (!kinds.includes(resource)) kinds.push(resource);
    }
  }
  for (const resource of kinds)
    if (names.length === 0) out.push({ resource, name: null });
    else out.push(...names.map((name) => ({ resource, name })));
  return out;
}

/** Resolves operands. `namespace` undefined means all of them. */
export function selectObjects(
  world: World,
  args: readonly string[],
  namespace: string | undefined,
  selector = '',
  fields = '',
): SelectionResult {
  const selection = emptySelection();
  const wanted = operands(args);
  if ('error' in wanted) return { ok: false, error: wanted.error };
  selection.named = wanted.some((w) => w.name !== null);
  selection.single = selection.named && wanted.length === 1;
  if (selection.named && (selector !== '' || fields !== ''))
    return { ok: false, error: 'error: name cannot be provided when a selector is specified' };
  if (selection.named && namespace === undefined)
    return { ok: false, error: 'error: a resource cannot be retrieved by name across all namespaces' };
  for (const { resource, name } of wanted) {
    if (name === null) {
      const found = listed(world, resource, namespace, selector, fields);
      if (typeof found === 'string') selection.errors.push(found);
      else selection.groups.push({ resource, objects: found });
      continue;
    }
    addNamed(world, selection, resource, namespace, name);
  }
  selection.many = selection.groups.some((g) => g.resource !== selection.groups[0]?.resource);
  return { ok: true, selection };
}

/** What the server has of the objects that files describe. */
export function* selectFiles(proc: Proc, files: readonly string[], namespace: string): Io<SelectionResult> {
  const selection = { ...emptySelection(), named: true };
  let count = 0;
  for (const file of files) {
    const read = yield* readManifests(proc, file, namespace);
    if (!read.ok) return read;
    for (const { resource, object } of read.manifests) {
      addNamed(proc.world, selection, resource, object.metadata.namespace, object.metadata.name);
      count++;
    }
  }
  selection.single = count === 1 && files.length === 1 && files[0] !== '-';
  return { ok: true, selection };
}
