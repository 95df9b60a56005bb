/** Pods, nodes and addresses outside as ends of flows. */
import { formatIp, type Ip, parseIp } from '../../addr/ip.ts';
import type { KubeObject } from '../types.ts';
import type { Endpoint } from './contract.ts';

const addresses = (texts: readonly (string | undefined)[]): Ip[] =>
  texts.flatMap((text) => {
    const ip = text ? parseIp(text) : null;
    return ip === null ? [] : [ip];
  });

interface ContainerPort {
  name?: string;
  containerPort: number;
  protocol?: string;
}

/** Container ports by `name/PROTOCOL`: the first of a name counts, restartable init containers included, as when Services resolve them. */
function namedPorts(pod: KubeObject): Map<string, number> {
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const sidecars = initContainers.filter((c: { restartPolicy?: string }) => c.restartPolicy === 'Always');
  const names = new Map<string, number>();
  for (const { ports = [] } of [...containers, ...sidecars] as { ports?: ContainerPort[] }[])
    for (const { name, containerPort, protocol = 'TCP' } of ports) {
      const key = `${name}/${protocol}`;
      if (name && !names.has(key)) names.set(key, containerPort);
    }
  return names;
}

/**
 * Ends of flows, in the order of the Pods. Pods that have ended are left out: they have no address any more.
 * @param addressOf addresses of Pods that have none in their status; none by default
 */
export function podEndpoints(
  pods: readonly KubeObject[],
  namespaces: readonly KubeObject[],
  addressOf: (id: string) => string | undefined = () => undefined,
): Endpoint[] {
  // The control plane sets the label of the name on every namespace.
  const named = (name: string, labels = {}) => ({ 'kubernetes.io/metadata.name': name, ...labels });
  const labelsOf = new Map(namespaces.map(({ metadata: { name, labels } }) => [name, named(name, labels)]));
  return pods
    .filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed')
    .map((pod) => {
      const { name, namespace = 'default', labels = {} } = pod.metadata;
      const id = `${namespace}/${name}`;
      const hostNetwork = pod.spec?.hostNetwork === true;
      const told = (pod.status?.podIPs ?? []).map(({ ip }: { ip?: string }) => ip);
      return {
        id,
        namespace,
        labels,
        namespaceLabels: labelsOf.get(namespace) ?? named(namespace),
        ips: addresses(told.length > 0 ? told : [pod.status?.podIP ?? addressOf(id)]),
        node: pod.spec?.nodeName ?? '',
        selectable: !hostNetwork,
        hostNetwork,
        namedPorts: namedPorts(pod),
      };
    });
}

/** An address that is no Pod's: a client outside, a server on the internet, or a node (`node` names it). */
export const outsideEndpoint = (ip: Ip, node = ''): Endpoint => ({
  id: formatIp(ip),
  namespace: '',
  labels: {},
  namespaceLabels: {},
  ips: [ip],
  node,
  selectable: false,
  hostNetwork: node !== '',
  namedPorts: new Map(),
});

/** Nodes with their labels and the addresses of their status. */
export const policyNodes = (nodes: readonly KubeObject[]) =>
  nodes.map(({ metadata: { name, labels }, status }) => ({
    name,
    labels: labels ?? {},
    ips: addresses((status?.addresses ?? []).map(({ address }: { address?: string }) => address)),
  }));
