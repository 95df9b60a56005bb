/** Deployments, ReplicaSets, DaemonSets, StatefulSets, Jobs. Source: k8s.io/kubectl pkg/describe. */
import { labelText, selectorText } from '../../../k8s/kinds/cells.ts';
import { humanDuration } from '../../../k8s/printers/age.ts';
import { same } from '../../../k8s/store/clone.ts';
import { listObjects } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { World } from '../../../kernel/world.ts';
import { annotationLines, controllerOf, type Describer, date, head, type Line, labelLines, whole } from './lines.ts';
import { templateLines } from './template.ts';

interface Condition {
  type: string;
  status: string;
  reason?: string;
}

const conditionLines = (o: KubeObject): Line[] => {
  const conditions = (o.status?.conditions ?? []) as Condition[];
  if (conditions.length === 0) return [];
  return [
    [0, 'Conditions:'],
    [1, 'Type', 'Status', 'Reason'],
    [1, '----', '------', '------'],
    ...conditions.map((c): Line => [1, `${c.type} `, c.status, c.reason ?? '']),
  ];
};

const owned = (world: World, resource: string, owner: KubeObject): KubeObject[] =>
  listObjects(world, resource, { namespace: owner.metadata.namespace ?? '' }).filter((o) =>
    o.metadata.ownerReferences?.some((ref) => ref.controller && ref.uid === owner.metadata.uid),
  );

/** "1 Running / 0 Waiting / 0 Succeeded / 0 Failed" of the Pods that it controls. */
function podsStatus(world: World, owner: KubeObject): string {
  const phases = owned(world, 'pods', owner).map((p) => p.status?.phase as string);
  const count = (phase: string): number => phases.filter((p) => p === phase).length;
  return `${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`;
}

const created = (sets: readonly KubeObject[]): string =>
  sets
    .map((s) => `${s.metadata.name} (${s.status?.replicas ?? 0}/${s.spec?.replicas ?? 0} replicas created)`)
    .join(', ') || '<none>';

function sameTemplate(set: KubeObject, deployment: KubeObject): boolean {
  const template = set.spec?.template;
  const { 'pod-template-hash': _hash, ...labels } = template?.metadata?.labels ?? {};
  return same({ ...template, metadata: { ...template?.metadata, labels } }, deployment.spec?.template);
}

export const describeDeployment: Describer = (world, o, events) => {
  const { spec, status, metadata } = o;
  const sets = owned(world, 'replicasets', o).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const current = sets.find((s) => sameTemplate(s, o));
  const rolling = spec?.strategy?.rollingUpdate;
  return whole(world, o, events, [
    [0, 'Name:', metadata.name],
    [0, 'Namespace:', metadata.namespace ?? ''],
    [0, 'CreationTimestamp:', date(metadata.creationTimestamp)],
    ...labelLines('Labels:', metadata.labels),
    ...annotationLines('Annotations:', metadata.annotations),
    [0, 'Selector:', selectorText(spec?.selector)],
    [
      0,
      'Replicas:',
      `${spec?.replicas ?? 0} desired | ${status?.updatedReplicas ?? 0} updated | ${status?.replicas ?? 0} total | ${status?.availableReplicas ?? 0} available | ${status?.unavailableReplicas ?? 0} unavailable`,
    ],
    [0, 'StrategyType:', spec?.strategy?.type ?? ''],
    [0, 'MinReadySeconds:', String(spec?.minReadySeconds ?? 0)],
    ...(rolling
      ? [
          [
            0,
            'RollingUpdateStrategy:',
            `${rolling.maxUnavailable ?? 0} max unavailable, ${rolling.maxSurge ?? 0} max surge`,
          ] as Line,
        ]
      : []),
    ...templateLines(spec?.template),
    ...conditionLines(o),
    [0, 'OldReplicaSets:', created(sets.filter((s) => s !== current))],
    [0, 'NewReplicaSet:', created(current ? [current] : [])],
  ]);
};

export const describeReplicaSet: Describer = (world, o, events) => {
  const { spec, status, metadata } = o;
  const controller = controllerOf(o);
  return whole(world, o, events, [
    [0, 'Name:', metadata.name],
    [0, 'Namespace:', metadata.namespace ?? ''],
    [0, 'Selector:', selectorText(spec?.selector)],
    ...labelLines('Labels:', metadata.labels),
    ...annotationLines('Annotations:', metadata.annotations),
    ...(controller ? [[0, 'Controlled By:', controller] as Line] : []),
    [0, 'Replicas:', `${status?.replicas ?? 0} current / ${spec?.replicas ?? 0} desired`],
    [0, 'Pods Status:', podsStatus(world, o)],
    ...templateLines(spec?.template),
    ...conditionLines(o),
  ]);
};

export const describeDaemonSet: Describer = (world, o, events) => {
  const { spec, status, metadata } = o;
  return whole(world, o, events, [
    [0, 'Name:', metadata.name],
    [0, 'Namespace:', metadata.namespace ?? ''],
    [0, 'Selector:', selectorText(spec?.selector)],
    [0, 'Node-Selector:', labelText(spec?.template?.spec?.nodeSelector)],
    ...labelLines('Labels:', metadata.labels),
    ...annotationLines('Annotations:', metadata.annotations),
    [0, `Desired Number of Nodes Scheduled: ${status?.desiredNumberScheduled ?? 0}`],
    [0, `Current Number of Nodes Scheduled: ${status?.currentNumberScheduled ?? 0}`],
    [0, `Number of Nodes Scheduled with Up-to-date Pods: ${status?.updatedNumberScheduled ?? 0}`],
    [0, `Number of Nodes Scheduled with Available Pods: ${status?.numberAvailable ?? 0}`],
    [0, `Number of Nodes Misscheduled: ${status?.numberMisscheduled ?? 0}`],
    [0, 'Pods Status:', podsStatus(world, o)],
    ...templateLines(spec?.template),
  ]);
};

export const describeStatefulSet: Describer = (world, o, events) => {
  const { spec, status, metadata } = o;
  const partition = spec?.updateStrategy?.rollingUpdate?.partition;
  const claims = (spec?.volumeClaimTemplates ?? []) as KubeObject[];
  return whole(world, o, events, [
    [0, 'Name:', metadata.name],
    [0, 'Namespace:', metadata.namespace ?? ''],
    [0, 'CreationTimestamp:', date(metadata.creationTimestamp)],
    [0, 'Selector:', selectorText(spec?.selector)],
    ...labelLines('Labels:', metadata.labels),
    ...annotationLines('Annotations:', metadata.annotations),
    [0, 'Replicas:', `${spec?.replicas ?? 0} desired | ${status?.replicas ?? 0} total`],
    [0, 'Update Strategy:', spec?.updateStrategy?.type ?? ''],
    ...(partition === undefined ? [] : [[1, 'Partition:', String(partition)] as Line]),
    [0, 'Pods Status:', podsStatus(world, o)],
    ...templateLines(spec?.template),
    ...(claims.length === 0 ? [[0, 'Volume Claims:', '<none>'] as Line] : [[0, 'Volume Claims:'] as Line]),
    ...claims.flatMap((c): Line[] => [
      [1, 'Name:', c.metadata.name],
      [1, 'StorageClass:', c.spec?.storageClassName ?? ''],
      ...labelLines('  Labels:', c.metadata.labels),
      ...annotationLines('  Annotations:', c.metadata.annotations),
      [1, 'Capacity:', String(c.spec?.resources?.requests?.storage ?? '<default>')],
      [1, 'Access Modes:', `[${(c.spec?.accessModes ?? []).join(' ')}]`],
    ]),
  ]);
};

export const describeJob: Describer = (world, o, events) => {
  const { spec, status } = o;
  const [name, namespace, ...rest] = head(o);
  const given = (label: string, value: unknown): Line[] =>
    value === undefined || value === null ? [] : [[0, label, String(value)]];
  const { startTime, completionTime } = status ?? {};
  const took =
    startTime && completionTime
      ? humanDuration((Date.parse(completionTime) - Date.parse(startTime)) / 1000)
      : undefined;
  const ready = status?.ready === undefined ? '' : ` (${status.ready} Ready)`;
  return whole(world, o, events, [
    name as Line,
    namespace as Line,
    [0, 'Selector:', spec?.selector ? selectorText(spec.selector) : ''],
    ...rest,
    ...given('Controlled By:', controllerOf(o)),
    ...given('Parallelism:', spec?.parallelism),
    [0, 'Completions:', String(spec?.completions ?? '<unset>')],
    ...given('Completion Mode:', spec?.completionMode),
    ...given('Suspend:', spec?.suspend),
    ...given('Backoff Limit:', spec?.backoffLimit),
    ...given('TTL Seconds After Finished:', spec?.ttlSecondsAfterFinished),
    ...given('Start Time:', startTime && date(startTime)),
    ...given('Completed At:', completionTime && date(completionTime)),
    ...given('Duration:', took),
    ...given(
      'Active Deadline Seconds:',
      spec?.activeDeadlineSeconds === undefined ? undefined : `${spec.activeDeadlineSeconds}s`,
    ),
    [
      0,
      'Pods Statuses:',
      `${status?.active ?? 0} Active${ready} / ${status?.succeeded ?? 0} Succeeded / ${status?.failed ?? 0} Failed`,
    ],
    ...templateLines(spec?.template),
  ]);
};
