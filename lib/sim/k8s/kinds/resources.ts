/** Finding kinds by the words that clients use. Source: kubectl api-resources of Kubernetes 1.34. */
import { groupOf } from './group.ts';
import type { Kind, Resource } from './kind.ts';
import { allKinds } from './registry.gen.ts';

export { groupOf } from './group.ts';
export type { Kind, Resource } from './kind.ts';

/** By group, then by name: the order of `kubectl api-resources`. */
export const resources: readonly Kind[] = [...allKinds].sort((a, b) => {
  const [x, y] = [groupOf(a), groupOf(b)];
  return x === y ? (a.name < b.name ? -1 : 1) : x < y ? -1 : 1;
});

const byWord = new Map<string, Kind>();
// Where two groups have the same word, the core's and the earlier group's come first.
for (const kind of resources)
  for (const word of [kind.name, kind.singular, ...kind.short]) if (!byWord.has(word)) byWord.set(word, kind);

const byKey = new Map<string, Kind>(resources.map((k) => [k.name, k]));

/** By plural, singular or short name, any case; `name.group` and `name.version.group` too. */
export function findResource(word: string): Kind | undefined {
  const lower = word.toLowerCase();
  const found = byWord.get(lower);
  if (found || !lower.includes('.')) return found;
  const dot = lower.indexOf('.');
  const [plain, rest] = [lower.slice(0, dot), lower.slice(dot + 1)];
  return resources.find(
    (k) =>
      (k.name === plain || k.singular === plain || k.short.includes(plain)) &&
      (rest === groupOf(k) || rest === `${k.apiVersion.split('/').at(-1)}.${groupOf(k)}`),
  );
}

/** The kind of a resource's key; throws on one that is not there: callers have it from the registry. */
export function kindOf(resource: string): Kind {
  const kind = byKey.get(resource);
  if (!kind) throw new Error(`no such resource: ${resource}`);
  return kind;
}

/** By kind and apiVersion, as manifests name it. */
export const resourceOfKind = (kind: string, apiVersion?: string): Kind | undefined =>
  resources.find((x) => x.kind === kind && (apiVersion === undefined || x.apiVersion === apiVersion));

/** What `kubectl get all` asks for. */
export const inAll = (): Resource[] => resources.filter((k) => k.all === true);
