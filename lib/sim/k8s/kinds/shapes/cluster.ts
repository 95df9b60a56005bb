/** Nodes, namespaces, data, events, leases. Source: k8s.io/api core/v1, coordination/v1 types.go (1.34). */
import { list, map, struct } from '../schema.ts';
import { CONDITIONS, LOCAL_REFERENCE, OBJECT_REFERENCE } from './common.ts';

export const NODE = struct('Node', {
  spec: struct('NodeSpec', {
    podCIDR: 'string',
    podCIDRs: list('string', ''),
    providerID: 'string',
    unschedulable: 'bool',
    taints: list(struct('Taint', { key: 'string', value: 'string', effect: 'string', timeAdded: 'time' })),
    configSource: 'any',
    externalID: 'string',
  }),
  status: struct('NodeStatus', {
    capacity: map('quantity'),
    allocatable: map('quantity'),
    phase: 'string',
    conditions: CONDITIONS,
    addresses: list(struct('NodeAddress', { type: 'string', address: 'string' }), 'type'),
    daemonEndpoints: struct('NodeDaemonEndpoints', {
      kubeletEndpoint: struct('DaemonEndpoint', { Port: 'int32' }),
    }),
    nodeInfo: struct('NodeSystemInfo', {
      machineID: 'string',
      systemUUID: 'string',
      bootID: 'string',
      kernelVersion: 'string',
      osImage: 'string',
      containerRuntimeVersion: 'string',
      kubeletVersion: 'string',
      kubeProxyVersion: 'string',
      operatingSystem: 'string',
      architecture: 'string',
      swap: 'any',
    }),
    images: 'any',
    volumesInUse: list('string'),
    volumesAttached: 'any',
    config: 'any',
    runtimeHandlers: 'any',
    features: 'any',
  }),
});

export const NAMESPACE = struct('Namespace', {
  spec: struct('NamespaceSpec', { finalizers: list('string') }),
  status: struct('NamespaceStatus', { phase: 'string', conditions: CONDITIONS }),
});

export const CONFIG_MAP = struct('ConfigMap', { immutable: 'bool', data: map('string'), binaryData: map('bytes') });

export const SECRET = struct('Secret', {
  immutable: 'bool',
  data: map('bytes'),
  stringData: map('string'),
  type: 'string',
});

export const SERVICE_ACCOUNT = struct('ServiceAccount', {
  secrets: list(OBJECT_REFERENCE, 'name'),
  imagePullSecrets: list(LOCAL_REFERENCE, 'name'),
  automountServiceAccountToken: 'bool',
});

export const EVENT = struct('Event', {
  involvedObject: OBJECT_REFERENCE,
  reason: 'string',
  message: 'string',
  source: struct('EventSource', { component: 'string', host: 'string' }),
  firstTimestamp: 'time',
  lastTimestamp: 'time',
  count: 'int32',
  type: 'string',
  eventTime: 'time',
  series: struct('EventSeries', { count: 'int32', lastObservedTime: 'time' }),
  action: 'string',
  related: OBJECT_REFERENCE,
  reportingComponent: 'string',
  reportingInstance: 'string',
});

export const LEASE = struct('Lease', {
  spec: struct('LeaseSpec', {
    holderIdentity: 'string',
    leaseDurationSeconds: 'int32',
    acquireTime: 'time',
    renewTime: 'time',
    leaseTransitions: 'int32',
    strategy: 'string',
    preferredHolder: 'string',
  }),
});
