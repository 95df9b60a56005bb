/** Field selectors. Source: kubernetes/kubernetes pkg/apis/core/v1/conversion.go, pkg/registry/core. */
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../types.ts';

/** Fields beyond metadata.name and metadata.namespace that a kind can be selected by. */
const SELECTABLE: Record<string, readonly string[]> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.podIPs',
    'status.nominatedNodeName',
  ],
  nodes: ['spec.unschedulable'],
  services: ['spec.clusterIP', 'spec.type'],
  namespaces: ['status.phase'],
  replicasets: ['status.replicas'],
  secrets: ['type'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
};

interface Term {
  path: string;
  equal: boolean;
  value: string;
}

const read = (object: KubeObject, path: string): string => {
  let at: unknown = object;
  for (const part of path.split('.'))
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : undefined;
  if (at === undefined || at === null)
    return path === 'spec.unschedulable' || path === 'spec.hostNetwork' ? 'false' : '';
  return typeof at === 'object' ? '' : String(at);
};

/** A test for `status.phase=Running,spec.nodeName!=n1`, or the server's complaint. */
export function fieldSelector(kind: Kind, text: string): ((object: KubeObject) => boolean) | { error: string } {
  const terms: Term[] = [];
  for (const part of text.split(',').filter((p) => p !== '')) {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(part);
    if (!match) return { error: `invalid selector: '${text}'; can't understand '${part}'` };
    terms.push({ path: match[1] as string, equal: match[2] !== '!=', value: match[3] as string });
  }
  const known = ['metadata.name', ...(kind.namespaced ? ['metadata.namespace'] : []), ...(SELECTABLE[kind.name] ?? [])];
  for (const { path } of terms)
    if (!known.includes(path))
      return {
        error: `field label not supported: ${path}`,
      };
  return (object) => terms.every(({ path, equal, value }) => (read(object, path) === value) === equal);
}
