/** Shapes that many kinds share. Source: k8s.io/apimachinery pkg/apis/meta/v1/types.go, k8s.io/api core/v1/types.go (1.34). */
import { list, map, struct } from '../schema.ts';

export const LABEL_SELECTOR = struct('LabelSelector', {
  matchLabels: map('string'),
  matchExpressions: list(
    struct(
      'LabelSelectorRequirement',
      { key: 'string', operator: 'string', values: list('string') },
      { required: ['key', 'operator'] },
    ),
  ),
});

/** A condition in a status; the times that some carry beside the common ones are among its fields. */
export const CONDITION = struct('Condition', {
  type: 'string',
  status: 'string',
  observedGeneration: 'int64',
  lastProbeTime: 'time',
  lastHeartbeatTime: 'time',
  lastUpdateTime: 'time',
  lastTransitionTime: 'time',
  reason: 'string',
  message: 'string',
});

export const CONDITIONS = list(CONDITION, 'type');

export const OBJECT_REFERENCE = struct('ObjectReference', {
  kind: 'string',
  namespace: 'string',
  name: 'string',
  uid: 'string',
  apiVersion: 'string',
  resourceVersion: 'string',
  fieldPath: 'string',
});

export const LOCAL_REFERENCE = struct('LocalObjectReference', { name: 'string' });

export const TYPED_REFERENCE = struct('TypedLocalObjectReference', {
  apiGroup: 'string',
  kind: 'string',
  name: 'string',
});

export const LOAD_BALANCER_STATUS = struct('LoadBalancerStatus', {
  ingress: list(
    struct('LoadBalancerIngress', {
      ip: 'string',
      hostname: 'string',
      ipMode: 'string',
      ports: list(struct('PortStatus', { port: 'int32', protocol: 'string', error: 'string' })),
    }),
  ),
});

export const RESOURCES = struct('ResourceRequirements', {
  limits: map('quantity'),
  requests: map('quantity'),
  claims: list(struct('ResourceClaim', { name: 'string', request: 'string' }), 'name'),
});

const REQUIREMENT = struct('NodeSelectorRequirement', { key: 'string', operator: 'string', values: list('string') });

const NODE_TERM = struct('NodeSelectorTerm', { matchExpressions: list(REQUIREMENT), matchFields: list(REQUIREMENT) });

export const NODE_SELECTOR = struct('NodeSelector', { nodeSelectorTerms: list(NODE_TERM) });

const POD_TERM = struct('PodAffinityTerm', {
  labelSelector: LABEL_SELECTOR,
  namespaces: list('string'),
  topologyKey: 'string',
  namespaceSelector: LABEL_SELECTOR,
  matchLabelKeys: list('string'),
  mismatchLabelKeys: list('string'),
});

const podAffinity = (type: string) =>
  struct(type, {
    requiredDuringSchedulingIgnoredDuringExecution: list(POD_TERM),
    preferredDuringSchedulingIgnoredDuringExecution: list(
      struct('WeightedPodAffinityTerm', { weight: 'int32', podAffinityTerm: POD_TERM }),
    ),
  });

export const AFFINITY = struct('Affinity', {
  nodeAffinity: struct('NodeAffinity', {
    requiredDuringSchedulingIgnoredDuringExecution: NODE_SELECTOR,
    preferredDuringSchedulingIgnoredDuringExecution: list(
      struct('PreferredSchedulingTerm', { weight: 'int32', preference: NODE_TERM }),
    ),
  }),
  podAffinity: podAffinity('PodAffinity'),
  podAntiAffinity: podAffinity('PodAntiAffinity'),
});
