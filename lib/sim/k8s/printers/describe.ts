/** `kubectl describe`. Source: kubernetes/kubernetes staging/src/k8s.io/kubectl/pkg/describe (1.34). */
import type { World } from '../../kernel/world.ts';
import { listObjects } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import { ageOf } from './age.ts';
import { labelText, rolesOf } from './tables.ts';

type Line = [level: number, ...cells: string[]];

/** Lines whose cells are aligned as describe's tab writer does: at least 0 wide, two blanks between, blocks of neighbours together. */
function render(lines: readonly Line[]): string {
  const rows = lines.map(([level, ...cells]) => [`${'  '.repeat(level)}${cells[0] ?? ''}`, ...cells.slice(1)]);
  const out: string[] = [];
  for (let start = 0; start < rows.length; ) {
    let end = start;
    while (end < rows.length && (rows[end]?.length ?? 0) > 1 === (rows[start]?.length ?? 0) > 1) end++;
    const block = rows.slice(start, end);
    const widths = (block[0]?.slice(0, -1) ?? []).map(
      (_, c) => Math.max(...block.map((r) => (r.length > c + 1 ? [...(r[c] ?? '')].length : 0))) + 2,
    );
    for (const row of block)
      out.push(
        row
          .map((cell, c) => (c === row.length - 1 ? cell : cell.padEnd(widths[c] ?? 0)))
          .join('')
          .trimEnd(),
      );
    start = end;
  }
  return `${out.join('\n')}\n`;
}

const none = (text: unknown): string => (text === undefined || text === null || text === '' ? '<none>' : String(text));

/** A map over several lines, sorted, the first beside its label. */
function map(label: string, values: Record<string, string> | undefined, separator = '='): Line[] {
  const pairs = Object.entries(values ?? {})
    .map(([k, v]) => `${k}${separator}${v}`)
    .sort();
  return pairs.length === 0 ? [[0, label, '<none>']] : pairs.map((pair, i): Line => [0, i === 0 ? label : '', pair]);
}

const date = (timestamp: string | undefined): string => {
  const at = timestamp === undefined ? Number.NaN : Date.parse(timestamp);
  if (Number.isNaN(at)) return '<unset>';
  const [day, month, number, year, clock] = new Date(at)
    .toUTCString()
    .replace(',', '')
    .split(' ')
    .map((p, i, all) => (i === 1 ? all[2] : i === 2 ? all[1] : p)) as string[];
  return `${day}, ${number} ${month} ${year} ${clock} +0000`;
};

function events(world: World, object: KubeObject): string {
  const found = listObjects(world, 'events').filter((e) => e.involvedObject?.uid === object.metadata.uid);
  if (found.length === 0) return 'Events:  <none>\n';
  const rows = found.map((e) => [
    e.type,
    e.reason,
    `${ageOf(world, e.lastTimestamp)}${e.count > 1 ? ` (x${e.count} over ${ageOf(world, e.firstTimestamp)})` : ''}`,
    e.source?.component ?? '',
    e.message,
  ]);
  const all = [['Type', 'Reason', 'Age', 'From', 'Message'], ['----', '------', '----', '----', '-------'], ...rows];
  const widths = [0, 1, 2, 3].map((c) => Math.max(...all.map((r) => String(r[c]).length)) + 2);
  return `Events:\n${all.map((r) => `  ${r.map((cell, c) => (c === 4 ? cell : String(cell).padEnd(widths[c] ?? 0))).join('')}\n`).join('')}`;
}

function containerLines(pod: KubeObject): Line[] {
  const statuses = (pod.status?.containerStatuses ?? []) as {
    name: string;
    containerID?: string;
    ready: boolean;
    restartCount: number;
    state: { running?: { startedAt: string }; waiting?: { reason: string; message?: string } };
  }[];
  return (
    (pod.spec?.containers ?? []) as {
      name: string;
      image: string;
      ports?: { containerPort: number; protocol?: string }[];
      command?: string[];
      args?: string[];
      env?: { name: string; value?: string }[];
    }[]
  ).flatMap((c): Line[] => {
    const status = statuses.find((s) => s.name === c.name);
    const running = status?.state.running;
    const ports = (c.ports ?? []).map((p) => `${p.containerPort}/${p.protocol ?? 'TCP'}`).join(', ');
    return [
      [1, `${c.name}:`],
      [2, 'Container ID:', status?.containerID ?? ''],
      [2, 'Image:', c.image],
      [2, 'Image ID:', ''],
      [2, (c.ports?.length ?? 0) > 1 ? 'Ports:' : 'Port:', none(ports)],
      [
        2,
        (c.ports?.length ?? 0) > 1 ? 'Host Ports:' : 'Host Port:',
        none((c.ports ?? []).map((p) => `0/${p.protocol ?? 'TCP'}`).join(', ')),
      ],
      ...(c.command ? [[2, 'Command:'] as Line, ...c.command.map((w): Line => [3, w])] : []),
      ...(c.args ? [[2, 'Args:'] as Line, ...c.args.map((w): Line => [3, w])] : []),
      [2, 'State:', running ? 'Running' : 'Waiting'],
      running
        ? [3, 'Started:', date(running.startedAt)]
        : [3, 'Reason:', status?.state.waiting?.reason ?? 'ContainerCreating'],
      [2, 'Ready:', status?.ready ? 'True' : 'False'],
      [2, 'Restart Count:', String(status?.restartCount ?? 0)],
      ...(c.env?.length
        ? [[2, 'Environment:'] as Line, ...c.env.map((e): Line => [3, `${e.name}:`, e.value ?? ''])]
        : [[2, 'Environment:', '<none>'] as Line]),
      [2, 'Mounts:', '<none>'],
    ];
  });
}

function pod(world: World, o: KubeObject): string {
  const owner = o.metadata.ownerReferences?.[0];
  const conditions = (o.status?.conditions ?? []) as { type: string; status: string }[];
  const lines: Line[] = [
    [0, 'Name:', o.metadata.name],
    [0, 'Namespace:', o.metadata.namespace ?? ''],
    [0, 'Priority:', '0'],
    [0, 'Service Account:', o.spec?.serviceAccountName ?? 'default'],
    [0, 'Node:', o.spec?.nodeName ? `${o.spec.nodeName}/${o.status?.hostIP ?? ''}` : '<none>'],
    [0, 'Start Time:', date(o.status?.startTime)],
    ...map('Labels:', o.metadata.labels),
    ...map('Annotations:', o.metadata.annotations, ': '),
    [0, 'Status:', o.status?.phase ?? 'Pending'],
    [0, 'IP:', o.status?.podIP ?? ''],
    [0, 'IPs:'],
    ...((o.status?.podIPs ?? []) as { ip: string }[]).map((p): Line => [1, 'IP:', p.ip]),
    ...(owner ? [[0, 'Controlled By:', `${owner.kind}/${owner.name}`] as Line] : []),
    [0, 'Containers:'],
    ...containerLines(o),
    [0, 'Conditions:'],
    [1, 'Type', 'Status'],
    ...conditions.map((c): Line => [1, c.type, `${c.status} `]),
    [0, 'Volumes:', '<none>'],
    [0, 'QoS Class:', o.status?.qosClass ?? 'BestEffort'],
    [0, 'Node-Selectors:', labelText(o.spec?.nodeSelector)],
    [0, 'Tolerations:', 'node.kubernetes.io/not-ready:NoExecute op=Exists for 300s'],
    [0, '', 'node.kubernetes.io/unreachable:NoExecute op=Exists for 300s'],
  ];
  return render(lines) + events(world, o);
}

const endpointsText = (world: World, service: KubeObject, portName: string): string => {
  const slices = listObjects(world, 'endpointslices', {
    namespace: service.metadata.namespace,
    selector: `kubernetes.io/service-name=${service.metadata.name}`,
  });
  const texts = slices.flatMap((s) =>
    ((s.ports ?? []) as { name?: string; port: number }[])
      .filter((p) => (p.name ?? '') === portName)
      .flatMap((p) =>
        ((s.endpoints ?? []) as { addresses: string[]; conditions?: { ready?: boolean } }[])
          .filter((e) => e.conditions?.ready !== false)
          .flatMap((e) => e.addresses.map((a) => `${a}:${p.port}`)),
      ),
  );
  return texts.length === 0
    ? ''
    : texts.length > 3
      ? `${texts.slice(0, 3).join(',')} + ${texts.length - 3} more...`
      : texts.join(',');
};

function service(world: World, o: KubeObject): string {
  const { spec } = o;
  const lines: Line[] = [
    [0, 'Name:', o.metadata.name],
    [0, 'Namespace:', o.metadata.namespace ?? ''],
    ...map('Labels:', o.metadata.labels),
    ...map('Annotations:', o.metadata.annotations, ': '),
    [0, 'Selector:', labelText(spec?.selector)],
    [0, 'Type:', spec?.type ?? 'ClusterIP'],
    [0, 'IP Family Policy:', spec?.ipFamilyPolicy ?? 'SingleStack'],
    [0, 'IP Families:', (spec?.ipFamilies ?? ['IPv4']).join(',')],
    [0, 'IP:', none(spec?.clusterIP)],
    [0, 'IPs:', none((spec?.clusterIPs ?? []).join(','))],
    ...(spec?.externalIPs?.length ? [[0, 'External IPs:', spec.externalIPs.join(',')] as Line] : []),
    ...((o.status?.loadBalancer?.ingress ?? []) as { ip?: string }[]).map(
      (i): Line => [0, 'LoadBalancer Ingress:', `${i.ip} (VIP)`],
    ),
    ...(
      (spec?.ports ?? []) as {
        name?: string;
        port: number;
        protocol?: string;
        targetPort?: number | string;
        nodePort?: number;
      }[]
    ).flatMap((p): Line[] => [
      [0, 'Port:', `${p.name || '<unset>'}  ${p.port}/${p.protocol ?? 'TCP'}`],
      [0, 'TargetPort:', `${p.targetPort ?? p.port}/${p.protocol ?? 'TCP'}`],
      ...(p.nodePort ? [[0, 'NodePort:', `${p.name || '<unset>'}  ${p.nodePort}/${p.protocol ?? 'TCP'}`] as Line] : []),
      [0, 'Endpoints:', endpointsText(world, o, p.name ?? '')],
    ]),
    [0, 'Session Affinity:', spec?.sessionAffinity ?? 'None'],
    ...(spec?.externalTrafficPolicy ? [[0, 'External Traffic Policy:', spec.externalTrafficPolicy] as Line] : []),
    [0, 'Internal Traffic Policy:', spec?.internalTrafficPolicy ?? 'Cluster'],
  ];
  return render(lines) + events(world, o);
}

function node(world: World, o: KubeObject): string {
  const info = (o.status?.nodeInfo ?? {}) as Record<string, string>;
  const conditions = (o.status?.conditions ?? []) as {
    type: string;
    status: string;
    lastHeartbeatTime?: string;
    lastTransitionTime?: string;
    reason?: string;
    message?: string;
  }[];
  const pods = listObjects(world, 'pods').filter((p) => p.spec?.nodeName === o.metadata.name);
  const taints = (o.spec?.taints ?? []) as { key: string; effect: string }[];
  const lines: Line[] = [
    [0, 'Name:', o.metadata.name],
    [0, 'Roles:', rolesOf(o)],
    ...map('Labels:', o.metadata.labels),
    ...map('Annotations:', o.metadata.annotations, ': '),
    [0, 'CreationTimestamp:', date(o.metadata.creationTimestamp)],
    [0, 'Taints:', none(taints.map((t) => `${t.key}:${t.effect}`).join('\n'))],
    [0, 'Unschedulable:', String(o.spec?.unschedulable ?? false)],
    [0, 'Conditions:'],
    [1, 'Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message'],
    [1, '----', '------', '-----------------', '------------------', '------', '-------'],
    ...conditions.map(
      (c): Line => [
        1,
        c.type,
        c.status,
        date(c.lastHeartbeatTime),
        date(c.lastTransitionTime),
        c.reason ?? '',
        c.message ?? '',
      ],
    ),
    [0, 'Addresses:'],
    ...((o.status?.addresses ?? []) as { type: string; address: string }[]).map(
      (a): Line => [1, `${a.type}:`, a.address],
    ),
    [0, 'System Info:'],
    ...(
      [
        ['Kernel Version:', 'kernelVersion'],
        ['OS Image:', 'osImage'],
        ['Operating System:', 'operatingSystem'],
        ['Architecture:', 'architecture'],
        ['Container Runtime Version:', 'containerRuntimeVersion'],
        ['Kubelet Version:', 'kubeletVersion'],
        ['Kube-Proxy Version:', 'kubeProxyVersion'],
      ] as const
    ).map(([label, key]): Line => [1, label, info[key] ?? '']),
    [0, 'PodCIDR:', none(o.spec?.podCIDR)],
    [0, 'PodCIDRs:', none((o.spec?.podCIDRs ?? []).join(','))],
    [0, `Non-terminated Pods:          (${pods.length} in total)`],
    [1, 'Namespace', 'Name'],
    [1, '---------', '----'],
    ...pods.map((p): Line => [1, p.metadata.namespace ?? '', p.metadata.name]),
  ];
  return render(lines) + events(world, o);
}

/** By plural name. */
export const describers: Record<string, (world: World, object: KubeObject) => string> = {
  pods: pod,
  services: service,
  nodes: node,
};
