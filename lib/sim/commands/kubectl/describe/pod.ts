import { ageOf } from '../../../k8s/printers/age.ts';
import { parseQuantity } from '../../../k8s/printers/quantity.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import { type Container, containerLines, type Status } from './containers.ts';
import { annotationLines, controllerOf, type Describer, date, type Line, labelLines, whole } from './lines.ts';
import { spreadLines, tolerationLines, volumeLines } from './template.ts';

/** Guaranteed, Burstable or BestEffort. Source: kubernetes/kubernetes pkg/apis/core/v1/helper/qos/qos.go. */
export function qosClass(pod: KubeObject): string {
  if (pod.status?.qosClass) return pod.status.qosClass;
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])] as Container[];
  const amounts = containers.map(({ resources = {} }) =>
    ['cpu', 'memory'].map((r) => ({
      limit: parseQuantity(resources.limits?.[r], true),
      request: parseQuantity(resources.requests?.[r] ?? resources.limits?.[r], true),
    })),
  );
  const all = amounts.flat();
  if (all.every((a) => a.limit === 0 && a.request === 0)) return 'BestEffort';
  return all.every((a) => a.limit > 0 && a.limit === a.request) ? 'Guaranteed' : 'Burstable';
}

/** Fields that the environment's values may be taken from, as far as the client knows them. */
function fieldOf(pod: KubeObject, path: string): string {
  const { metadata } = pod;
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (subscript) return metadata[subscript[1] as 'labels']?.[subscript[2] as string] ?? '';
  const known: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
  };
  return known[path] ?? '';
}

/** `kubectl describe pod`. */
export const describePod: Describer = (world, o, events) => {
  const { spec, status, metadata } = o;
  const field = (path: string): string => fieldOf(o, path);
  const lines: Line[] = [
    [0, 'Name:', metadata.name],
    [0, 'Namespace:', metadata.namespace ?? ''],
  ];
  const add = (label: string, value: unknown): void => {
    if (value !== undefined && value !== null && value !== '') lines.push([0, label, String(value)]);
  };
  add('Priority:', spec?.priority);
  add('Priority Class Name:', spec?.priorityClassName);
  add('Runtime Class Name:', spec?.runtimeClassName);
  add('Service Account:', spec?.serviceAccountName);
  lines.push([0, 'Node:', spec?.nodeName ? `${spec.nodeName}/${status?.hostIP ?? ''}` : '<none>']);
  if (status?.startTime) add('Start Time:', date(status.startTime));
  lines.push(...labelLines('Labels:', metadata.labels), ...annotationLines('Annotations:', metadata.annotations));
  const over = status?.phase === 'Failed' || status?.phase === 'Succeeded';
  if (metadata.deletionTimestamp && !over)
    lines.push(
      [0, 'Status:', `Terminating (lasts ${ageOf(world, metadata.deletionTimestamp)})`],
      [0, 'Termination Grace Period:', `${metadata.deletionGracePeriodSeconds ?? 0}s`],
    );
  else lines.push([0, 'Status:', status?.phase ?? '']);
  add('Reason:', status?.reason);
  add('Message:', status?.message);
  add('SeccompProfile:', spec?.securityContext?.seccompProfile?.type);
  const ips = (status?.podIPs ?? []) as { ip: string }[];
  lines.push([0, 'IP:', status?.podIP ?? '']);
  lines.push(ips.length === 0 ? [0, 'IPs:', '<none>'] : [0, 'IPs:'], ...ips.map((p): Line => [1, 'IP:', p.ip]));
  add('Controlled By:', controllerOf(o));
  add('NominatedNodeName:', status?.nominatedNodeName);
  if (spec?.initContainers?.length)
    lines.push(
      ...containerLines('Init Containers', spec.initContainers as Container[], {
        statuses: (status?.initContainerStatuses ?? []) as Status[],
        field,
      }),
    );
  const statuses = (status?.containerStatuses ?? []) as Status[];
  lines.push(...containerLines('Containers', (spec?.containers ?? []) as Container[], { statuses, field }));
  if (spec?.ephemeralContainers?.length)
    lines.push(
      ...containerLines('Ephemeral Containers', spec.ephemeralContainers as Container[], {
        statuses: (status?.ephemeralContainerStatuses ?? []) as Status[],
        field,
      }),
    );
  const conditions = (status?.conditions ?? []) as { type: string; status: string }[];
  const gates = (spec?.readinessGates ?? []) as { conditionType: string }[];
  if (gates.length > 0)
    lines.push(
      [0, 'Readiness Gates:'],
      [1, 'Type', 'Status'],
      ...gates.map(
        ({ conditionType }): Line => [
          1,
          `${conditionType} `,
          `${conditions.find((c) => c.type === conditionType)?.status ?? '<none>'} `,
        ],
      ),
    );
  if (conditions.length > 0)
    lines.push(
      [0, 'Conditions:'],
      [1, 'Type', 'Status'],
      ...conditions.map((c): Line => [1, `${c.type} `, `${c.status} `]),
    );
  lines.push(...volumeLines(spec?.volumes), [0, 'QoS Class:', qosClass(o)]);
  lines.push(
    ...labelLines('Node-Selectors:', spec?.nodeSelector),
    ...tolerationLines('Tolerations:', spec?.tolerations),
  );
  lines.push(...spreadLines(spec?.topologySpreadConstraints));
  return whole(world, o, events, lines);
};
