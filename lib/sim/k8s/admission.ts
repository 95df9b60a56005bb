/** What the API server does to an object before it stores it: defaults, allocation, validation, the namespace's existence. */
import type { World } from '../kernel/world.ts';
import type { Resource } from './kinds/resources.ts';
import { admitService } from './kinds/service.ts';
import { type ApiError, getObject, notFound } from './store/store.ts';
import type { KubeObject } from './types.ts';

const NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

const invalid = (kind: string, name: string, problem: string): ApiError => ({
  code: 422,
  reason: 'Invalid',
  message: `${kind} "${name}" is invalid: ${problem}`,
});

function admitPod(pod: KubeObject): ApiError | null {
  const containers = pod.spec?.containers;
  if (!Array.isArray(containers) || containers.length === 0)
    return invalid('Pod', pod.metadata.name, 'spec.containers: Required value');
  for (const [i, c] of containers.entries()) {
    if (!c?.name) return invalid('Pod', pod.metadata.name, `spec.containers[${i}].name: Required value`);
    if (!c.image) return invalid('Pod', pod.metadata.name, `spec.containers[${i}].image: Required value`);
  }
  pod.spec.restartPolicy ??= 'Always';
  pod.spec.dnsPolicy ??= 'ClusterFirst';
  pod.spec.serviceAccountName ??= 'default';
  pod.status ??= { phase: 'Pending' };
  return null;
}

function admitDeployment(o: KubeObject): ApiError | null {
  if (!o.spec?.selector) return invalid('Deployment.apps', o.metadata.name, 'spec.selector: Required value');
  if (!o.spec.template) return invalid('Deployment.apps', o.metadata.name, 'spec.template: Required value');
  o.spec.replicas ??= 1;
  return null;
}

/** Admits a new or changed object in place. The complaint, or null. */
export function admit(world: World, resource: Resource, object: KubeObject): ApiError | null {
  const { name, namespace } = object.metadata;
  const kind = resource.kind;
  if (!NAME.test(name) || name.length > 253) {
    return invalid(
      kind,
      name,
      `metadata.name: Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    );
  }
  if (resource.namespaced && !getObject(world, 'namespaces', undefined, namespace ?? ''))
    return notFound('namespaces', namespace ?? '');
  switch (resource.name) {
    case 'services':
      return admitService(world, object);
    case 'pods':
      return admitPod(object);
    case 'deployments':
      return admitDeployment(object);
    case 'namespaces':
      object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': name };
      object.status = { phase: 'Active' };
      return null;
    default:
      return null;
  }
}
