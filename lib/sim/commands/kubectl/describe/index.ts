/** What `kubectl describe` prints, by kind. */
import type { Describer } from './lines.ts';
import {
  describeEndpointSlice,
  describeEndpoints,
  describeIngress,
  describeIngressClass,
  describeNetworkPolicy,
} from './network.ts';
import { describeNode } from './node.ts';
import {
  describeConfigMap,
  describeGeneric,
  describeNamespace,
  describeSecret,
  describeServiceAccount,
} from './objects.ts';
import { describePod } from './pod.ts';
import { describeService } from './service.ts';
import {
  describeDaemonSet,
  describeDeployment,
  describeJob,
  describeReplicaSet,
  describeStatefulSet,
} from './workloads.ts';

const DESCRIBERS: Record<string, Describer> = {
  pods: describePod,
  services: describeService,
  nodes: describeNode,
  deployments: describeDeployment,
  replicasets: describeReplicaSet,
  daemonsets: describeDaemonSet,
  statefulsets: describeStatefulSet,
  jobs: describeJob,
  networkpolicies: describeNetworkPolicy,
  ingresses: describeIngress,
  ingressclasses: describeIngressClass,
  endpointslices: describeEndpointSlice,
  endpoints: describeEndpoints,
  namespaces: describeNamespace,
  configmaps: describeConfigMap,
  secrets: describeSecret,
  serviceaccounts: describeServiceAccount,
};

/** By plural name; kinds without a form of their own are shown field by field. */
export const describerOf = (resource: string): Describer => DESCRIBERS[resource] ?? describeGeneric;
