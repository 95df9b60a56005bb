import { notFound } from '../../../k8s/api/status.ts';
import { none } from '../../../k8s/kinds/cells.ts';
import { rolesOf } from '../../../k8s/kinds/nodes/state.ts';
import { kindOf } from '../../../k8s/kinds/resources.ts';
import { ageOf } from '../../../k8s/printers/age.ts';
import { formatBytes, formatMilli, parseQuantity } from '../../../k8s/printers/quantity.ts';
import { getObject, listObjects } from '../../../k8s/store/store.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import type { World } from '../../../kernel/world.ts';
import { annotationLines, type Describer, date, type Line, labelLines, multiline, whole } from './lines.ts';

interface Condition {
  type: string;
  status: string;
  lastHeartbeatTime?: string;
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

interface Amount {
  cpu: number;
  memory: number;
}

const INFO = [
  ['Machine ID:', 'machineID'],
  ['System UUID:', 'systemUUID'],
  ['Boot ID:', 'bootID'],
  ['Kernel Version:', 'kernelVersion'],
  ['OS Image:', 'osImage'],
  ['Operating System:', 'operatingSystem'],
  ['Architecture:', 'architecture'],
  ['Container Runtime Version:', 'containerRuntimeVersion'],
  ['Kubelet Version:', 'kubeletVersion'],
  ['Kube-Proxy Version:', 'kubeProxyVersion'],
] as const;

function amountOf(pods: readonly KubeObject[], kind: 'requests' | 'limits'): Amount {
  const sum: Amount = { cpu: 0, memory: 0 };
  for (const pod of pods) {
    for (const c of (pod.spec?.containers ?? []) as { resources?: Record<string, Record<string, unknown>> }[]) {
      sum.cpu += parseQuantity(c.resources?.[kind]?.cpu, true);
      sum.memory += parseQuantity(c.resources?.[kind]?.memory, false);
    }
  }
  return sum;
}

const resources = (label: string, values: Record<string, string> | undefined): Line[] => [
  [0, label],
  ...Object.keys(values ?? {})
    .sort()
    .map((name): Line => [1, `${name}:`, values?.[name] ?? '']),
];

/** Who holds the node's lease, and since when. */
function leaseLines(world: World, name: string): Line[] {
  const lease = getObject(world, 'leases', 'kube-node-lease', name);
  if (!lease) return [[0, 'Lease:', `Failed to get lease: ${notFound(kindOf('leases'), name).message}`]];
  const { holderIdentity, acquireTime, renewTime } = lease.spec ?? {};
  return [
    [0, 'Lease:'],
    [1, 'HolderIdentity:', holderIdentity ?? '<unset>'],
    [1, 'AcquireTime:', date(acquireTime)],
    [1, 'RenewTime:', date(renewTime)],
  ];
}

/** `kubectl describe node`. */
export const describeNode: Describer = (world, o, events) => {
  const { status, spec } = o;
  const info = (status?.nodeInfo ?? {}) as Record<string, string>;
  const pods = listObjects(world, 'pods').filter(
    (p) => p.spec?.nodeName === o.metadata.name && p.status?.phase !== 'Succeeded' && p.status?.phase !== 'Failed',
  );
  const ordered = [...pods].sort((a, b) =>
    `${a.metadata.namespace}/${a.metadata.name}` < `${b.metadata.namespace}/${b.metadata.name}` ? -1 : 1,
  );
  const taints = (spec?.taints ?? []) as { key: string; value?: string; effect: string }[];
  const capacity: Amount = {
    cpu: parseQuantity(status?.allocatable?.cpu, true),
    memory: parseQuantity(status?.allocatable?.memory, false),
  };
  const share = (used: number, of: number): string => `(${of === 0 ? 0 : Math.floor((used / of) * 100)}%)`;
  const cpu = (n: number): string => `${formatMilli(n)} ${share(n, capacity.cpu)}`;
  const memory = (n: number): string => `${formatBytes(n)} ${share(n, capacity.memory)}`;
  const [requests, limits] = [amountOf(pods, 'requests'), amountOf(pods, 'limits')];

  const lines: Line[] = [
    [0, 'Name:', o.metadata.name],
    [0, 'Roles:', none(rolesOf(o))],
  ];
  lines.push(...labelLines('Labels:', o.metadata.labels), ...annotationLines('Annotations:', o.metadata.annotations));
  lines.push([0, 'CreationTimestamp:', date(o.metadata.creationTimestamp)]);
  lines.push(
    ...multiline(
      'Taints:',
      taints.map((t) => `${t.key}${t.value ? `=${t.value}` : ''}:${t.effect}`),
    ),
  );
  lines.push([0, 'Unschedulable:', String(spec?.unschedulable ?? false)], ...leaseLines(world, o.metadata.name), [
    0,
    'Conditions:',
  ]);
  lines.push(
    [1, 'Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message'],
    [1, '----', '------', '-----------------', '------------------', '------', '-------'],
  );
  for (const c of (status?.conditions ?? []) as Condition[]) {
    lines.push([
      1,
      `${c.type} `,
      `${c.status} `,
      `${date(c.lastHeartbeatTime)} `,
      `${date(c.lastTransitionTime)} `,
      `${c.reason ?? ''} `,
      c.message ?? '',
    ]);
  }
  lines.push(
    [0, 'Addresses:'],
    ...((status?.addresses ?? []) as { type: string; address: string }[]).map(
      (a): Line => [1, `${a.type}:`, a.address],
    ),
  );
  lines.push(...resources('Capacity:', status?.capacity), ...resources('Allocatable:', status?.allocatable));
  lines.push([0, 'System Info:'], ...INFO.map(([label, key]): Line => [1, label, info[key] ?? '']));
  if (spec?.podCIDR) lines.push([0, 'PodCIDR:', spec.podCIDR], [0, 'PodCIDRs:', (spec.podCIDRs ?? []).join(',')]);
  lines.push([0, 'Non-terminated Pods:', `(${pods.length} in total)`]);
  lines.push(
    [1, 'Namespace', 'Name', '', 'CPU Requests', 'CPU Limits', 'Memory Requests', 'Memory Limits', 'Age'],
    [1, '---------', '----', '', '------------', '----------', '---------------', '-------------', '---'],
  );
  for (const p of ordered) {
    const [r, l] = [amountOf([p], 'requests'), amountOf([p], 'limits')];
    lines.push([
      1,
      p.metadata.namespace ?? '',
      p.metadata.name,
      '',
      cpu(r.cpu),
      cpu(l.cpu),
      memory(r.memory),
      memory(l.memory),
      ageOf(world, p.metadata.creationTimestamp),
    ]);
  }
  lines.push(
    [0, 'Allocated resources:'],
    [1, '(Total limits may be over 100 percent, i.e., overcommitted.)'],
    [1, 'Resource', 'Requests', 'Limits'],
    [1, '--------', '--------', '------'],
  );
  lines.push(
    [1, 'cpu', cpu(requests.cpu), cpu(limits.cpu)],
    [1, 'memory', memory(requests.memory), memory(limits.memory)],
    [1, 'ephemeral-storage', '0 (0%)', '0 (0%)'],
  );
  return whole(world, o, events, lines);
};
