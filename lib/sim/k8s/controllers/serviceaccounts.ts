/** What every namespace has: the ServiceAccount `default` and the ConfigMap with the cluster's certificate. Source: pkg/controller/serviceaccount, pkg/controller/certificates/rootcacertpublisher. */
import { createResource } from '../api/write.ts';
import { kindOf } from '../kinds/resources.ts';
import { getObject } from '../store/store.ts';
import { enqueue, type Loop } from './follow/loop.ts';

const NAME = 'serviceaccounts';
export const ROOT_CA = 'kube-root-ca.crt';

const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** TLS is not modelled: the certificate is a placeholder that says so. */
const CERTIFICATE =
  '-----BEGIN CERTIFICATE-----\nZmxhdG5ldDogVExTIGlzIG5vdCBtb2RlbGxlZAo=\n-----END CERTIFICATE-----\n';

export const serviceAccounts: Loop = {
  name: NAME,
  follow({ memory }, { resource, object }) {
    const { name, namespace } = object.metadata;
    if (resource === 'namespaces') enqueue(memory, NAME, name);
    if (
      namespace !== undefined &&
      (resource === NAME || resource === 'configmaps') &&
      [ROOT_CA, 'default'].includes(name)
    )
      enqueue(memory, NAME, namespace);
  },
  sync({ world }, name) {
    const namespace = getObject(world, 'namespaces', undefined, name);
    if (!namespace || namespace.metadata.deletionTimestamp !== undefined) return undefined;
    if (!getObject(world, NAME, name, 'default'))
      createResource(world, kindOf(NAME), {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace: name },
      });
    if (!getObject(world, 'configmaps', name, ROOT_CA))
      createResource(world, kindOf('configmaps'), {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: ROOT_CA, namespace: name, annotations: { 'kubernetes.io/description': DESCRIPTION } },
        data: { 'ca.crt': CERTIFICATE },
      });
    return undefined;
  },
};
