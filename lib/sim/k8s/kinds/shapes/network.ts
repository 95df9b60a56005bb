/** Services, slices, policies, Ingresses. Source: k8s.io/api core/v1, discovery/v1, networking/v1 types.go (1.34). */
import { list, map, struct } from '../schema.ts';
import { CONDITIONS, LABEL_SELECTOR, LOAD_BALANCER_STATUS, OBJECT_REFERENCE, TYPED_REFERENCE } from './common.ts';

const SERVICE_PORT = struct(
  'ServicePort',
  {
    name: 'string',
    protocol: 'string',
    appProtocol: 'string',
    port: 'int32',
    targetPort: 'intOrString',
    nodePort: 'int32',
  },
  { required: ['port'] },
);

export const SERVICE = struct('Service', {
  spec: struct('ServiceSpec', {
    ports: list(SERVICE_PORT, 'port'),
    selector: map('string'),
    clusterIP: 'string',
    clusterIPs: list('string'),
    type: 'string',
    externalIPs: list('string'),
    sessionAffinity: 'string',
    loadBalancerIP: 'string',
    loadBalancerSourceRanges: list('string'),
    externalName: 'string',
    externalTrafficPolicy: 'string',
    healthCheckNodePort: 'int32',
    publishNotReadyAddresses: 'bool',
    sessionAffinityConfig: struct('SessionAffinityConfig', {
      clientIP: struct('ClientIPConfig', { timeoutSeconds: 'int32' }),
    }),
    ipFamilies: list('string'),
    ipFamilyPolicy: 'string',
    allocateLoadBalancerNodePorts: 'bool',
    loadBalancerClass: 'string',
    internalTrafficPolicy: 'string',
    trafficDistribution: 'string',
  }),
  status: struct('ServiceStatus', { loadBalancer: LOAD_BALANCER_STATUS, conditions: CONDITIONS }),
});

const ENDPOINT_ADDRESS = struct('EndpointAddress', {
  ip: 'string',
  hostname: 'string',
  nodeName: 'string',
  targetRef: OBJECT_REFERENCE,
});

export const ENDPOINTS = struct('Endpoints', {
  subsets: list(
    struct('EndpointSubset', {
      addresses: list(ENDPOINT_ADDRESS),
      notReadyAddresses: list(ENDPOINT_ADDRESS),
      ports: list(struct('EndpointPort', { name: 'string', port: 'int32', protocol: 'string', appProtocol: 'string' })),
    }),
  ),
});

const HINT = (type: string) => list(struct(type, { name: 'string' }));

export const ENDPOINT_SLICE = struct(
  'EndpointSlice',
  {
    addressType: 'string',
    endpoints: list(
      struct('Endpoint', {
        addresses: list('string'),
        conditions: struct('EndpointConditions', { ready: 'bool', serving: 'bool', terminating: 'bool' }),
        hostname: 'string',
        targetRef: OBJECT_REFERENCE,
        deprecatedTopology: map('string'),
        nodeName: 'string',
        zone: 'string',
        hints: struct('EndpointHints', { forZones: HINT('ForZone'), forNodes: HINT('ForNode') }),
      }),
    ),
    ports: list(struct('EndpointPort', { name: 'string', protocol: 'string', port: 'int32', appProtocol: 'string' })),
  },
  { required: ['addressType', 'endpoints'] },
);

const POLICY_PORT = struct('NetworkPolicyPort', { protocol: 'string', port: 'intOrString', endPort: 'int32' });
const PEERS = list(
  struct('NetworkPolicyPeer', {
    podSelector: LABEL_SELECTOR,
    namespaceSelector: LABEL_SELECTOR,
    ipBlock: struct('IPBlock', { cidr: 'string', except: list('string') }, { required: ['cidr'] }),
  }),
);

export const NETWORK_POLICY = struct('NetworkPolicy', {
  spec: struct('NetworkPolicySpec', {
    podSelector: LABEL_SELECTOR,
    ingress: list(struct('NetworkPolicyIngressRule', { ports: list(POLICY_PORT), from: PEERS })),
    egress: list(struct('NetworkPolicyEgressRule', { ports: list(POLICY_PORT), to: PEERS })),
    policyTypes: list('string'),
  }),
});

const BACKEND = struct('IngressBackend', {
  service: struct('IngressServiceBackend', {
    name: 'string',
    port: struct('ServiceBackendPort', { name: 'string', number: 'int32' }),
  }),
  resource: TYPED_REFERENCE,
});

export const INGRESS = struct('Ingress', {
  spec: struct('IngressSpec', {
    ingressClassName: 'string',
    defaultBackend: BACKEND,
    tls: list(struct('IngressTLS', { hosts: list('string'), secretName: 'string' })),
    rules: list(
      struct('IngressRule', {
        host: 'string',
        http: struct('HTTPIngressRuleValue', {
          paths: list(
            struct(
              'HTTPIngressPath',
              { path: 'string', pathType: 'string', backend: BACKEND },
              { required: ['pathType', 'backend'] },
            ),
          ),
        }),
      }),
    ),
  }),
  status: struct('IngressStatus', { loadBalancer: LOAD_BALANCER_STATUS }),
});

export const INGRESS_CLASS = struct('IngressClass', {
  spec: struct('IngressClassSpec', {
    controller: 'string',
    parameters: struct('IngressClassParametersReference', {
      apiGroup: 'string',
      kind: 'string',
      name: 'string',
      scope: 'string',
      namespace: 'string',
    }),
  }),
});

export const IP_ADDRESS = struct('IPAddress', {
  spec: struct('IPAddressSpec', {
    parentRef: struct('ParentReference', { group: 'string', resource: 'string', namespace: 'string', name: 'string' }),
  }),
});

export const SERVICE_CIDR = struct('ServiceCIDR', {
  spec: struct('ServiceCIDRSpec', { cidrs: list('string') }),
  status: struct('ServiceCIDRStatus', { conditions: CONDITIONS }),
});
