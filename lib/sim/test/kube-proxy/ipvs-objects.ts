/** Objects of the API in few words, for tests of IPVS mode. */
import type { KubeObject } from '../../k8s/types.ts';
import { NODE } from './ipvs-node.ts';

/** A Service with one TCP port 80 unless `spec` says otherwise; `ingress` are its load balancer's addresses. */
export const service = (
  name: string,
  spec: Record<string, unknown>,
  ingress: readonly Record<string, string>[] = [],
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }], ...spec },
  ...(ingress.length > 0 ? { status: { loadBalancer: { ingress } } } : {}),
});

type Fields = Record<string, unknown>;

/** An endpoint on this node (`here`) or another. */
export const here = (ip: string, conditions: Fields = { ready: true }): Fields => ({
  addresses: [ip],
  conditions,
  nodeName: NODE,
});
export const there = (ip: string, conditions: Fields = { ready: true }): Fields => ({
  addresses: [ip],
  conditions,
  nodeName: 'node-2',
});

/** Conditions of an endpoint that still serves while it ends. */
export const LEAVING = { ready: false, serving: true, terminating: true };

/** The EndpointSlice of a Service. */
export const slice = (
  of: string,
  endpoints: readonly Fields[],
  ports: readonly Fields[] = [{ port: 8080, protocol: 'TCP' }],
  addressType = 'IPv4',
): KubeObject =>
  ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${of}-${addressType.toLowerCase()}`,
      namespace: 'shop',
      labels: { 'kubernetes.io/service-name': of },
    },
    addressType,
    endpoints,
    ports,
  }) as KubeObject;

/** The node itself, with its addresses. */
export const nodeObject = (addresses: readonly string[] = ['172.18.0.2'], spec: Fields = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: NODE, labels: { 'topology.kubernetes.io/zone': 'zone-a' } },
  spec,
  status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
});
