/** What makes Pods. Source: k8s.io/api apps/v1, batch/v1 types.go (1.34). */
import { list, struct } from '../schema.ts';
import { CONDITIONS, LABEL_SELECTOR } from './common.ts';
import { POD_TEMPLATE } from './pod.ts';

const required = { required: ['selector', 'template'] };

export const DEPLOYMENT = struct('Deployment', {
  spec: struct(
    'DeploymentSpec',
    {
      replicas: 'int32',
      selector: LABEL_SELECTOR,
      template: POD_TEMPLATE,
      strategy: struct('DeploymentStrategy', {
        type: 'string',
        rollingUpdate: struct('RollingUpdateDeployment', { maxUnavailable: 'intOrString', maxSurge: 'intOrString' }),
      }),
      minReadySeconds: 'int32',
      revisionHistoryLimit: 'int32',
      paused: 'bool',
      progressDeadlineSeconds: 'int32',
    },
    required,
  ),
  status: struct('DeploymentStatus', {
    observedGeneration: 'int64',
    replicas: 'int32',
    updatedReplicas: 'int32',
    readyReplicas: 'int32',
    availableReplicas: 'int32',
    unavailableReplicas: 'int32',
    terminatingReplicas: 'int32',
    conditions: CONDITIONS,
    collisionCount: 'int32',
  }),
});

export const REPLICA_SET = struct('ReplicaSet', {
  spec: struct(
    'ReplicaSetSpec',
    { replicas: 'int32', minReadySeconds: 'int32', selector: LABEL_SELECTOR, template: POD_TEMPLATE },
    { required: ['selector'] },
  ),
  status: struct('ReplicaSetStatus', {
    replicas: 'int32',
    fullyLabeledReplicas: 'int32',
    readyReplicas: 'int32',
    availableReplicas: 'int32',
    terminatingReplicas: 'int32',
    observedGeneration: 'int64',
    conditions: CONDITIONS,
  }),
});

export const DAEMON_SET = struct('DaemonSet', {
  spec: struct(
    'DaemonSetSpec',
    {
      selector: LABEL_SELECTOR,
      template: POD_TEMPLATE,
      updateStrategy: struct('DaemonSetUpdateStrategy', {
        type: 'string',
        rollingUpdate: struct('RollingUpdateDaemonSet', { maxUnavailable: 'intOrString', maxSurge: 'intOrString' }),
      }),
      minReadySeconds: 'int32',
      revisionHistoryLimit: 'int32',
    },
    required,
  ),
  status: struct('DaemonSetStatus', {
    currentNumberScheduled: 'int32',
    numberMisscheduled: 'int32',
    desiredNumberScheduled: 'int32',
    numberReady: 'int32',
    observedGeneration: 'int64',
    updatedNumberScheduled: 'int32',
    numberAvailable: 'int32',
    numberUnavailable: 'int32',
    collisionCount: 'int32',
    conditions: CONDITIONS,
  }),
});

export const STATEFUL_SET = struct('StatefulSet', {
  spec: struct(
    'StatefulSetSpec',
    {
      replicas: 'int32',
      selector: LABEL_SELECTOR,
      template: POD_TEMPLATE,
      volumeClaimTemplates: 'any',
      serviceName: 'string',
      podManagementPolicy: 'string',
      updateStrategy: struct('StatefulSetUpdateStrategy', {
        type: 'string',
        rollingUpdate: struct('RollingUpdateStatefulSetStrategy', {
          partition: 'int32',
          maxUnavailable: 'intOrString',
        }),
      }),
      revisionHistoryLimit: 'int32',
      minReadySeconds: 'int32',
      persistentVolumeClaimRetentionPolicy: struct('StatefulSetPersistentVolumeClaimRetentionPolicy', {
        whenDeleted: 'string',
        whenScaled: 'string',
      }),
      ordinals: struct('StatefulSetOrdinals', { start: 'int32' }),
    },
    required,
  ),
  status: struct('StatefulSetStatus', {
    observedGeneration: 'int64',
    replicas: 'int32',
    readyReplicas: 'int32',
    currentReplicas: 'int32',
    updatedReplicas: 'int32',
    currentRevision: 'string',
    updateRevision: 'string',
    collisionCount: 'int32',
    conditions: CONDITIONS,
    availableReplicas: 'int32',
  }),
});

export const JOB = struct('Job', {
  spec: struct(
    'JobSpec',
    {
      parallelism: 'int32',
      completions: 'int32',
      activeDeadlineSeconds: 'int64',
      podFailurePolicy: 'any',
      successPolicy: 'any',
      backoffLimit: 'int32',
      backoffLimitPerIndex: 'int32',
      maxFailedIndexes: 'int32',
      selector: LABEL_SELECTOR,
      manualSelector: 'bool',
      template: POD_TEMPLATE,
      ttlSecondsAfterFinished: 'int32',
      completionMode: 'string',
      suspend: 'bool',
      podReplacementPolicy: 'string',
      managedBy: 'string',
    },
    { required: ['template'] },
  ),
  status: struct('JobStatus', {
    conditions: CONDITIONS,
    startTime: 'time',
    completionTime: 'time',
    active: 'int32',
    succeeded: 'int32',
    failed: 'int32',
    terminating: 'int32',
    completedIndexes: 'string',
    failedIndexes: 'string',
    uncountedTerminatedPods: struct('UncountedTerminatedPods', { succeeded: list('string'), failed: list('string') }),
    ready: 'int32',
  }),
});

export const CONTROLLER_REVISION = struct(
  'ControllerRevision',
  { data: 'any', revision: 'int64' },
  { required: ['revision'] },
);
