/** Paths of the API. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
import { groupOf, versionOf } from '../kinds/group.ts';
import { type Kind, resources } from '../kinds/resources.ts';

export interface Route {
  kind: Kind;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
}

/** `/api/v1/namespaces/x/pods/y/log`, `/apis/apps/v1/deployments`; null when it names no resource of this server. */
export function parseRoute(path: string): Route | null {
  const parts = path.split('/').filter((p) => p !== '');
  let group = '';
  if (parts[0] === 'apis') group = parts[1] ?? '';
  else if (parts[0] !== 'api') return null;
  const rest = parts.slice(group === '' ? 1 : 2);
  const version = rest.shift();
  const find = (plural: string | undefined): Kind | undefined =>
    resources.find((k) => k.name === plural && groupOf(k) === group && versionOf(k) === version);
  let namespace: string | undefined;
  if (rest[0] === 'namespaces' && rest.length > 2 && find(rest[2])?.namespaced) {
    namespace = rest[1];
    rest.splice(0, 2);
  }
  const kind = find(rest[0]);
  if (!kind || rest.length > 3) return null;
  return { kind, namespace, name: rest[1], subresource: rest[2] };
}
