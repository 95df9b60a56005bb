/** What the server says of itself: versions, groups, resources. Source: k8s.io/apiserver pkg/endpoints/discovery, pkg/endpoints/discovery/aggregated. */

import { versionOf } from '../kinds/group.ts';
import { groupOf, type Kind, resources } from '../kinds/resources.ts';
import { serverVersion } from '../version.ts';
import { jsonAnswer, type RestAnswer, type RestRequest } from './contract.ts';
import { nowhere } from './status-body.ts';

/** Verbs of a resource, in the order in which discovery lists them. */
export const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

const SUBRESOURCE_VERBS: Record<string, readonly string[]> = {
  status: ['get', 'patch', 'update'],
  scale: ['get', 'patch', 'update'],
  log: ['get'],
  exec: ['create', 'get'],
  attach: ['create', 'get'],
  portforward: ['create', 'get'],
  ephemeralcontainers: ['get', 'patch', 'update'],
  eviction: ['create'],
  binding: ['create'],
  finalize: ['update'],
};

const SUBRESOURCE_KIND: Record<string, { group: string; version: string; kind: string }> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  exec: { group: '', version: 'v1', kind: 'PodExecOptions' },
  attach: { group: '', version: 'v1', kind: 'PodAttachOptions' },
  portforward: { group: '', version: 'v1', kind: 'PodPortForwardOptions' },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  binding: { group: '', version: 'v1', kind: 'Binding' },
};

const groups = (): string[] => [...new Set(resources.map(groupOf))].filter((g) => g !== '');

const versionsOf = (group: string): string[] => [
  ...new Set(resources.filter((k) => groupOf(k) === group).map(versionOf)),
];

const of = (group: string, version: string): Kind[] =>
  resources.filter((k) => groupOf(k) === group && versionOf(k) === version);

function aggregated(names: readonly string[]): RestAnswer {
  return {
    ...jsonAnswer(200, {
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items: names.map((group) => ({
        metadata: { name: group },
        versions: versionsOf(group).map((version) => ({
          version,
          freshness: 'Current',
          resources: of(group, version).map((k) => ({
            resource: k.name,
            responseKind: { group, version, kind: k.kind },
            scope: k.namespaced ? 'Namespaced' : 'Cluster',
            singularResource: k.singular,
            verbs: VERBS,
            ...(k.short.length > 0 ? { shortNames: k.short } : {}),
            ...(k.all ? { categories: ['all'] } : {}),
            ...(k.subresources
              ? {
                  subresources: k.subresources.map((name) => ({
                    subresource: name,
                    responseKind: SUBRESOURCE_KIND[name] ?? { group, version, kind: k.kind },
                    verbs: SUBRESOURCE_VERBS[name] ?? ['get'],
                  })),
                }
              : {}),
          })),
        })),
      })),
    }),
    contentType: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  };
}

const groupObject = (group: string) => {
  const versions = versionsOf(group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
};

const resourceList = (group: string, version: string) => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: group === '' ? version : `${group}/${version}`,
  resources: of(group, version).flatMap((k) => [
    {
      name: k.name,
      singularName: k.singular,
      namespaced: k.namespaced,
      kind: k.kind,
      verbs: VERBS,
      ...(k.short.length > 0 ? { shortNames: k.short } : {}),
      ...(k.all ? { categories: ['all'] } : {}),
    },
    ...(k.subresources ?? []).map((name) => ({
      name: `${k.name}/${name}`,
      singularName: '',
      namespaced: k.namespaced,
      ...(SUBRESOURCE_KIND[name]?.group
        ? { group: SUBRESOURCE_KIND[name].group, version: SUBRESOURCE_KIND[name].version }
        : {}),
      kind: SUBRESOURCE_KIND[name]?.kind ?? k.kind,
      verbs: SUBRESOURCE_VERBS[name] ?? ['get'],
    })),
  ]),
});

/** Version, health and discovery; null when the path is about none of them. */
export function discover({ path, accept }: RestRequest): RestAnswer | null {
  const wantsAggregated = accept.includes('as=APIGroupDiscoveryList') && accept.includes('v=v2');
  if (path === '/version') return jsonAnswer(200, serverVersion());
  if (/^\/(healthz|livez|readyz)(\/.*)?$/.test(path))
    return { status: 200, contentType: 'text/plain; charset=utf-8', body: 'ok', warnings: [] };
  if (path === '/api' || path === '/api/')
    return wantsAggregated ? aggregated(['']) : jsonAnswer(200, { kind: 'APIVersions', versions: ['v1'] });
  if (path === '/apis' || path === '/apis/')
    return wantsAggregated
      ? aggregated(groups())
      : jsonAnswer(200, { kind: 'APIGroupList', apiVersion: 'v1', groups: groups().map(groupObject) });
  if (path === '/api/v1') return jsonAnswer(200, resourceList('', 'v1'));
  const match = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  if (!match) return null;
  const [, group = '', version] = match;
  if (!groups().includes(group)) return nowhere();
  if (version === undefined) return jsonAnswer(200, { kind: 'APIGroup', apiVersion: 'v1', ...groupObject(group) });
  return versionsOf(group).includes(version) ? jsonAnswer(200, resourceList(group, version)) : nowhere();
}
