/** Columns of `kubectl get` by resource. Source: kubernetes/kubernetes pkg/printers/internalversion/printers.go (1.34). */
import type { World } from '../../kernel/world.ts';
import type { KubeObject } from '../types.ts';
import { ageOf } from './age.ts';

export interface Table {
  columns: string[];
  /** Columns that -o wide adds. */
  wide: string[];
  row(world: World, object: KubeObject): string[];
  wideRow(world: World, object: KubeObject): string[];
}

const age = (world: World, o: KubeObject): string => ageOf(world, o.metadata.creationTimestamp);
const none = (text: string | undefined): string => (text === undefined || text === '' ? '<none>' : text);

/** `a=b,c=d`, sorted; `<none>` for none. */
export const labelText = (labels: Record<string, string> | undefined): string =>
  none(
    Object.entries(labels ?? {})
      .map(([k, v]) => `${k}=${v}`)
      .sort()
      .join(','),
  );

interface ContainerStatus {
  ready: boolean;
  restartCount: number;
  state: { waiting?: { reason: string }; terminated?: { reason: string }; running?: unknown };
}

/** READY, STATUS and RESTARTS of a Pod. */
export function podState(pod: KubeObject): { ready: string; status: string; restarts: string } {
  const statuses = (pod.status?.containerStatuses ?? []) as ContainerStatus[];
  const total = (pod.spec?.containers ?? []).length;
  let status: string = pod.status?.reason ?? pod.status?.phase ?? 'Unknown';
  for (const s of statuses) status = s.state.waiting?.reason ?? s.state.terminated?.reason ?? status;
  if (pod.metadata.deletionTimestamp) status = 'Terminating';
  else if (statuses.length === 0 && pod.spec?.nodeName && status === 'Pending') status = 'ContainerCreating';
  return {
    ready: `${statuses.filter((s) => s.ready).length}/${total}`,
    status,
    restarts: String(statuses.reduce((n, s) => n + s.restartCount, 0)),
  };
}

const portsOf = (service: KubeObject): string =>
  none(
    (service.spec?.ports ?? [])
      .map(
        (p: { port: number; nodePort?: number; protocol?: string }) =>
          `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? 'TCP'}`,
      )
      .join(','),
  );

function externalIp(service: KubeObject): string {
  const ips = [
    ...((service.status?.loadBalancer?.ingress ?? []) as { ip?: string; hostname?: string }[]).map(
      (i) => i.ip ?? i.hostname ?? '',
    ),
    ...((service.spec?.externalIPs ?? []) as string[]),
  ];
  if (service.spec?.type === 'ExternalName') return service.spec.externalName ?? '';
  if (ips.length > 0) return ips.join(',');
  return service.spec?.type === 'LoadBalancer' ? '<pending>' : '<none>';
}

/** Roles of a node by its labels. */
export const rolesOf = (node: KubeObject): string =>
  none(
    Object.keys(node.metadata.labels ?? {})
      .flatMap((k) => (k.startsWith('node-role.kubernetes.io/') ? [k.slice('node-role.kubernetes.io/'.length)] : []))
      .sort()
      .join(','),
  );

function nodeStatus(node: KubeObject): string {
  const ready = (node.status?.conditions as { type: string; status: string }[] | undefined)?.find(
    (c) => c.type === 'Ready',
  );
  const text = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return node.spec?.unschedulable ? `${text},SchedulingDisabled` : text;
}

const addressOf = (node: KubeObject, type: string): string =>
  none(
    (node.status?.addresses as { type: string; address: string }[] | undefined)?.find((a) => a.type === type)?.address,
  );

const containersOf = (o: KubeObject): string[] => {
  const list = (o.spec?.template?.spec?.containers ?? []) as { name: string; image: string }[];
  return [list.map((c) => c.name).join(','), list.map((c) => c.image).join(',')];
};
const selectorOf = (o: KubeObject): string => labelText(o.spec?.selector?.matchLabels);

const few = (texts: string[], more = 3): string =>
  texts.length > more ? `${texts.slice(0, more).join(',')} + ${texts.length - more} more...` : none(texts.join(','));

const endpointTexts = (o: KubeObject): string[] =>
  ((o.subsets ?? []) as { addresses?: { ip: string }[]; ports?: { port: number }[] }[]).flatMap((s) =>
    (s.ports ?? []).flatMap((p) => (s.addresses ?? []).map((a) => `${a.ip}:${p.port}`)),
  );

const workload = {
  wide: ['CONTAINERS', 'IMAGES', 'SELECTOR'],
  wideRow: (_w: World, o: KubeObject) => [...containersOf(o), selectorOf(o)],
};
const plain = { wide: [], wideRow: (): string[] => [] };

const tables: Record<string, Table> = {
  pods: {
    columns: ['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE'],
    wide: ['IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES'],
    row: (w, o) => {
      const { ready, status, restarts } = podState(o);
      return [o.metadata.name, ready, status, restarts, age(w, o)];
    },
    wideRow: (_w, o) => [none(o.status?.podIP), none(o.spec?.nodeName), '<none>', '<none>'],
  },
  services: {
    columns: ['NAME', 'TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'],
    wide: ['SELECTOR'],
    row: (w, o) => [
      o.metadata.name,
      o.spec?.type ?? 'ClusterIP',
      none(o.spec?.clusterIP),
      externalIp(o),
      portsOf(o),
      age(w, o),
    ],
    wideRow: (_w, o) => [labelText(o.spec?.selector)],
  },
  nodes: {
    columns: ['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION'],
    wide: ['INTERNAL-IP', 'EXTERNAL-IP', 'OS-IMAGE', 'KERNEL-VERSION', 'CONTAINER-RUNTIME'],
    row: (w, o) => [o.metadata.name, nodeStatus(o), rolesOf(o), age(w, o), o.status?.nodeInfo?.kubeletVersion ?? ''],
    wideRow: (_w, o) => [
      addressOf(o, 'InternalIP'),
      addressOf(o, 'ExternalIP'),
      o.status?.nodeInfo?.osImage ?? '<unknown>',
      o.status?.nodeInfo?.kernelVersion ?? '<unknown>',
      o.status?.nodeInfo?.containerRuntimeVersion ?? '<unknown>',
    ],
  },
  endpointslices: {
    ...plain,
    columns: ['NAME', 'ADDRESSTYPE', 'PORTS', 'ENDPOINTS', 'AGE'],
    row: (w, o) => [
      o.metadata.name,
      o.addressType ?? '',
      (o.ports ?? []).length === 0 ? '<unset>' : few((o.ports as { port: number }[]).map((p) => String(p.port))),
      (o.endpoints ?? []).length === 0
        ? '<unset>'
        : few((o.endpoints as { addresses: string[] }[]).flatMap((e) => e.addresses)),
      age(w, o),
    ],
  },
  endpoints: {
    ...plain,
    columns: ['NAME', 'ENDPOINTS', 'AGE'],
    row: (w, o) => [o.metadata.name, few(endpointTexts(o)), age(w, o)],
  },
  deployments: {
    ...workload,
    columns: ['NAME', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'AGE'],
    row: (w, o) => [
      o.metadata.name,
      `${o.status?.readyReplicas ?? 0}/${o.spec?.replicas ?? 1}`,
      String(o.status?.updatedReplicas ?? 0),
      String(o.status?.availableReplicas ?? 0),
      age(w, o),
    ],
  },
  replicasets: {
    ...workload,
    columns: ['NAME', 'DESIRED', 'CURRENT', 'READY', 'AGE'],
    row: (w, o) => [
      o.metadata.name,
      String(o.spec?.replicas ?? 1),
      String(o.status?.replicas ?? 0),
      String(o.status?.readyReplicas ?? 0),
      age(w, o),
    ],
  },
  daemonsets: {
    ...workload,
    columns: ['NAME', 'DESIRED', 'CURRENT', 'READY', 'UP-TO-DATE', 'AVAILABLE', 'NODE SELECTOR', 'AGE'],
    row: (w, o) => {
      const s = o.status ?? {};
      const n = (key: string) => String(s[key] ?? 0);
      return [
        o.metadata.name,
        n('desiredNumberScheduled'),
        n('currentNumberScheduled'),
        n('numberReady'),
        n('updatedNumberScheduled'),
        n('numberAvailable'),
        labelText(o.spec?.template?.spec?.nodeSelector),
        age(w, o),
      ];
    },
  },
  namespaces: {
    ...plain,
    columns: ['NAME', 'STATUS', 'AGE'],
    row: (w, o) => [o.metadata.name, o.status?.phase ?? 'Active', age(w, o)],
  },
  configmaps: {
    ...plain,
    columns: ['NAME', 'DATA', 'AGE'],
    row: (w, o) => [o.metadata.name, String(Object.keys(o.data ?? {}).length), age(w, o)],
  },
  secrets: {
    ...plain,
    columns: ['NAME', 'TYPE', 'DATA', 'AGE'],
    row: (w, o) => [o.metadata.name, o.type ?? 'Opaque', String(Object.keys(o.data ?? {}).length), age(w, o)],
  },
  serviceaccounts: { ...plain, columns: ['NAME', 'SECRETS', 'AGE'], row: (w, o) => [o.metadata.name, '0', age(w, o)] },
  networkpolicies: {
    ...plain,
    columns: ['NAME', 'POD-SELECTOR', 'AGE'],
    row: (w, o) => [o.metadata.name, labelText(o.spec?.podSelector?.matchLabels), age(w, o)],
  },
  events: {
    ...plain,
    columns: ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'],
    row: (w, o) => [
      ageOf(w, o.lastTimestamp),
      o.type,
      o.reason,
      `${String(o.involvedObject?.kind ?? '').toLowerCase()}/${o.involvedObject?.name}`,
      String(o.message).trim(),
    ],
  },
};

/** The table of a resource by its plural name. */
export function tableOf(resource: string): Table {
  const table = tables[resource];
  if (!table) throw new Error(`no table for ${resource}`);
  return table;
}
