import type { KubeObject } from '../../../k8s/types.ts';
import type { World } from '../../../kernel/world.ts';
import { date, eventLines, type Line, mapLines, multiline, none, render } from './lines.ts';

interface ContainerSpec {
  name: string;
  image: string;
  ports?: { containerPort: number; hostPort?: number; protocol?: string }[];
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string }[];
}

interface ContainerStatus {
  name: string;
  containerID?: string;
  imageID?: string;
  ready: boolean;
  restartCount: number;
  state: { running?: { startedAt: string }; waiting?: { reason: string } };
}

interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}

/** PriorityClasses that a cluster has by itself. */
const PRIORITIES: Record<string, number> = {
  'system-node-critical': 2000001000,
  'system-cluster-critical': 2000000000,
};

const block = (label: string, words: readonly string[] | undefined): Line[] =>
  words ? [[2, label], ...words.map((w): Line => [3, w])] : [];

function containerLines(c: ContainerSpec, status: ContainerStatus | undefined): Line[] {
  const running = status?.state.running;
  const ports = c.ports ?? [];
  const list = (of: (p: (typeof ports)[number]) => number) =>
    none(ports.map((p) => `${of(p)}/${p.protocol ?? 'TCP'}`).join(', '));
  const plural = ports.length > 1 ? 's' : '';
  const lines: Line[] = [
    [1, `${c.name}:`],
    [2, 'Container ID:', status?.containerID ?? ''],
    [2, 'Image:', c.image],
    [2, 'Image ID:', status?.imageID ?? ''],
  ];
  lines.push(
    [2, `Port${plural}:`, list((p) => p.containerPort)],
    [2, `Host Port${plural}:`, list((p) => p.hostPort ?? 0)],
  );
  lines.push(...block('Command:', c.command), ...block('Args:', c.args));
  if (running) lines.push([2, 'State:', 'Running'], [3, 'Started:', date(running.startedAt)]);
  else lines.push([2, 'State:', 'Waiting'], [3, 'Reason:', status?.state.waiting?.reason ?? 'ContainerCreating']);
  lines.push([2, 'Ready:', status?.ready ? 'True' : 'False'], [2, 'Restart Count:', String(status?.restartCount ?? 0)]);
  const env = c.env ?? [];
  lines.push(
    env.length === 0 ? [2, 'Environment:', '<none>'] : [2, 'Environment:'],
    ...env.map((e): Line => [3, `${e.name}:`, e.value ?? '']),
  );
  lines.push([2, 'Mounts:', '<none>']);
  return lines;
}

/** A Pod's tolerations with the two that the API server adds. */
export function tolerationsOf(pod: KubeObject): Toleration[] {
  const given = (pod.spec?.tolerations ?? []) as Toleration[];
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].filter(
    (key) => !given.some((t) => (t.key === key || !t.key) && (!t.effect || t.effect === 'NoExecute')),
  );
  const all = [
    ...given,
    ...added.map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
  ];
  return all.sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : (a.key ?? '') > (b.key ?? '') ? 1 : 0));
}

function tolerationText(t: Toleration): string {
  const name = `${t.key ?? ''}${t.value ? `=${t.value}` : ''}${t.effect ? `:${t.effect}` : ''}`;
  const exists = t.operator === 'Exists' && !t.value ? (name === '' ? 'op=Exists' : ' op=Exists') : '';
  return `${name}${exists}${t.tolerationSeconds === undefined ? '' : ` for ${t.tolerationSeconds}s`}`;
}

/** `kubectl describe pod`. */
export function describePod(world: World, o: KubeObject): string {
  const { spec, status } = o;
  const owner = o.metadata.ownerReferences?.[0];
  const conditions = (status?.conditions ?? []) as { type: string; status: string }[];
  const ips = (status?.podIPs ?? []) as { ip: string }[];
  const statuses = (status?.containerStatuses ?? []) as ContainerStatus[];
  const className = spec?.priorityClassName as string | undefined;
  const priority = spec?.priority ?? (className === undefined ? 0 : (PRIORITIES[className] ?? 0));
  const lines: Line[] = [
    [0, 'Name:', o.metadata.name],
    [0, 'Namespace:', o.metadata.namespace ?? ''],
    [0, 'Priority:', String(priority)],
  ];
  if (className) lines.push([0, 'Priority Class Name:', className]);
  lines.push([0, 'Service Account:', spec?.serviceAccountName ?? 'default']);
  lines.push([0, 'Node:', spec?.nodeName ? `${spec.nodeName}/${status?.hostIP ?? ''}` : '<none>']);
  if (status?.startTime) lines.push([0, 'Start Time:', date(status.startTime)]);
  lines.push(...mapLines('Labels:', o.metadata.labels), ...mapLines('Annotations:', o.metadata.annotations, ': '));
  lines.push([0, 'Status:', status?.phase ?? 'Pending'], [0, 'IP:', status?.podIP ?? '']);
  lines.push(ips.length === 0 ? [0, 'IPs:', '<none>'] : [0, 'IPs:'], ...ips.map((p): Line => [1, 'IP:', p.ip]));
  if (owner) lines.push([0, 'Controlled By:', `${owner.kind}/${owner.name}`]);
  lines.push(
    [0, 'Containers:'],
    ...((spec?.containers ?? []) as ContainerSpec[]).flatMap((c) =>
      containerLines(
        c,
        statuses.find((s) => s.name === c.name),
      ),
    ),
  );
  if (conditions.length > 0)
    lines.push(
      [0, 'Conditions:'],
      [1, 'Type', 'Status'],
      ...conditions.map((c): Line => [1, `${c.type} `, `${c.status} `]),
    );
  lines.push([0, 'Volumes:', '<none>'], [0, 'QoS Class:', status?.qosClass ?? 'BestEffort']);
  lines.push(
    ...mapLines('Node-Selectors:', spec?.nodeSelector),
    ...multiline('Tolerations:', tolerationsOf(o).map(tolerationText)),
  );
  lines.push(...eventLines(world, o));
  return render(lines);
}
