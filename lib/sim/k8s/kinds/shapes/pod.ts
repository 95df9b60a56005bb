/** PodSpec, PodStatus and Pod templates. Source: k8s.io/api core/v1/types.go (1.34). */
import { META } from '../../api/decode.ts';
import { list, map, struct } from '../schema.ts';
import { AFFINITY, CONDITIONS, LABEL_SELECTOR, LOCAL_REFERENCE, RESOURCES } from './common.ts';
import { CONTAINER, EPHEMERAL_CONTAINER, POD_SECURITY_CONTEXT, VOLUME } from './container.ts';

const TOLERATION = struct('Toleration', {
  key: 'string',
  operator: 'string',
  value: 'string',
  effect: 'string',
  tolerationSeconds: 'int64',
});

const SPREAD = struct('TopologySpreadConstraint', {
  maxSkew: 'int32',
  topologyKey: 'string',
  whenUnsatisfiable: 'string',
  labelSelector: LABEL_SELECTOR,
  minDomains: 'int32',
  nodeAffinityPolicy: 'string',
  nodeTaintsPolicy: 'string',
  matchLabelKeys: list('string'),
});

export const POD_SPEC = struct(
  'PodSpec',
  {
    volumes: list(VOLUME, 'name'),
    initContainers: list(CONTAINER, 'name'),
    containers: list(CONTAINER, 'name'),
    ephemeralContainers: list(EPHEMERAL_CONTAINER, 'name'),
    restartPolicy: 'string',
    terminationGracePeriodSeconds: 'int64',
    activeDeadlineSeconds: 'int64',
    dnsPolicy: 'string',
    nodeSelector: map('string'),
    serviceAccountName: 'string',
    serviceAccount: 'string',
    automountServiceAccountToken: 'bool',
    nodeName: 'string',
    hostNetwork: 'bool',
    hostPID: 'bool',
    hostIPC: 'bool',
    shareProcessNamespace: 'bool',
    securityContext: POD_SECURITY_CONTEXT,
    imagePullSecrets: list(LOCAL_REFERENCE, 'name'),
    hostname: 'string',
    subdomain: 'string',
    affinity: AFFINITY,
    schedulerName: 'string',
    tolerations: list(TOLERATION),
    hostAliases: list(struct('HostAlias', { ip: 'string', hostnames: list('string') }), 'ip'),
    priorityClassName: 'string',
    priority: 'int32',
    dnsConfig: struct('PodDNSConfig', {
      nameservers: list('string'),
      searches: list('string'),
      options: list(struct('PodDNSConfigOption', { name: 'string', value: 'string' })),
    }),
    readinessGates: list(struct('PodReadinessGate', { conditionType: 'string' })),
    runtimeClassName: 'string',
    enableServiceLinks: 'bool',
    preemptionPolicy: 'string',
    overhead: map('quantity'),
    topologySpreadConstraints: list(SPREAD, 'topologyKey'),
    setHostnameAsFQDN: 'bool',
    os: struct('PodOS', { name: 'string' }),
    hostUsers: 'bool',
    schedulingGates: list(struct('PodSchedulingGate', { name: 'string' }), 'name'),
    resourceClaims: 'any',
    resources: RESOURCES,
    hostnameOverride: 'string',
  },
  { required: ['containers'] },
);

/** Written by kubelets and controllers; clients only read it. */
export const POD_STATUS = struct('PodStatus', {
  observedGeneration: 'int64',
  phase: 'string',
  conditions: CONDITIONS,
  message: 'string',
  reason: 'string',
  nominatedNodeName: 'string',
  hostIP: 'string',
  hostIPs: 'any',
  podIP: 'string',
  podIPs: list(struct('PodIP', { ip: 'string' }), 'ip'),
  startTime: 'time',
  initContainerStatuses: 'any',
  containerStatuses: 'any',
  qosClass: 'string',
  ephemeralContainerStatuses: 'any',
  resize: 'string',
  resourceClaimStatuses: 'any',
});

export const POD_TEMPLATE = struct('PodTemplateSpec', { metadata: META, spec: POD_SPEC });

export const POD = struct('Pod', { spec: POD_SPEC, status: POD_STATUS });
