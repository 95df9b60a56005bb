/** The API's resources: their names as kubectl and URLs use them. Source: kubectl api-resources of Kubernetes 1.34. */
export interface Resource {
  /** Plural, as in URLs: the key of {@link import('../types.ts').Cluster.objects}. */
  name: string;
  singular: string;
  short: string[];
  kind: string;
  apiVersion: string;
  namespaced: boolean;
}

const r = (name: string, short: string, apiVersion: string, namespaced: boolean, kind: string): Resource => ({
  name,
  singular: kind.toLowerCase(),
  short: short === '' ? [] : short.split(','),
  kind,
  apiVersion,
  namespaced,
});

/** In the order in which `kubectl api-resources` lists them. */
export const resources: readonly Resource[] = [
  r('configmaps', 'cm', 'v1', true, 'ConfigMap'),
  r('endpoints', 'ep', 'v1', true, 'Endpoints'),
  r('events', 'ev', 'v1', true, 'Event'),
  r('namespaces', 'ns', 'v1', false, 'Namespace'),
  r('nodes', 'no', 'v1', false, 'Node'),
  r('pods', 'po', 'v1', true, 'Pod'),
  r('secrets', '', 'v1', true, 'Secret'),
  r('serviceaccounts', 'sa', 'v1', true, 'ServiceAccount'),
  r('services', 'svc', 'v1', true, 'Service'),
  r('daemonsets', 'ds', 'apps/v1', true, 'DaemonSet'),
  r('deployments', 'deploy', 'apps/v1', true, 'Deployment'),
  r('replicasets', 'rs', 'apps/v1', true, 'ReplicaSet'),
  r('endpointslices', '', 'discovery.k8s.io/v1', true, 'EndpointSlice'),
  r('networkpolicies', 'netpol', 'networking.k8s.io/v1', true, 'NetworkPolicy'),
];

const byWord = new Map<string, Resource>();
for (const resource of resources)
  for (const word of [resource.name, resource.singular, ...resource.short]) byWord.set(word, resource);

/** By plural, singular or short name, any case; `name.group` too. */
export function findResource(word: string): Resource | undefined {
  const lower = word.toLowerCase();
  const [plain = ''] = lower.split('.');
  const found = byWord.get(lower) ?? byWord.get(plain);
  if (!found || !lower.includes('.')) return found;
  return lower.slice(plain.length + 1) === groupOf(found) ? found : undefined;
}

/** The API group of a resource: '' for the core. */
export const groupOf = (resource: Resource): string =>
  resource.apiVersion.includes('/') ? (resource.apiVersion.split('/')[0] as string) : '';

/** By kind and apiVersion, as manifests name it. */
export const resourceOfKind = (kind: string, apiVersion?: string): Resource | undefined =>
  resources.find((x) => x.kind === kind && (apiVersion === undefined || x.apiVersion === apiVersion));
