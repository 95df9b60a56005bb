/** The control loops, in the order in which they look. */
import { daemonSets } from './daemonset/index.ts';
import { deployments } from './deployment/index.ts';
import { endpointsV1 } from './endpointslice/endpoints-v1.ts';
import { endpointSlices } from './endpointslice/index.ts';
import { endpointSliceMirroring } from './endpointslice/mirror.ts';
import type { Loop } from './follow/loop.ts';
import { garbage } from './garbage.ts';
import { jobs } from './job/index.ts';
import { namespaces } from './namespaces.ts';
import { taintEviction } from './nodes/eviction.ts';
import { nodeHealth } from './nodes/health.ts';
import { podGarbage } from './nodes/podgc.ts';
import { nodeTaints } from './nodes/taints.ts';
import { replicaSets } from './replicaset/index.ts';
import { scheduler } from './scheduler/index.ts';
import { serviceAccounts } from './serviceaccounts.ts';
import { statefulSets } from './statefulset/index.ts';

export const loops: readonly Loop[] = [
  namespaces,
  serviceAccounts,
  garbage,
  nodeHealth,
  nodeTaints,
  taintEviction,
  podGarbage,
  deployments,
  replicaSets,
  daemonSets,
  statefulSets,
  jobs,
  scheduler,
  endpointSlices,
  endpointsV1,
  endpointSliceMirroring,
];
