/** Containers of a Pod or of a template. Source: k8s.io/kubectl pkg/describe describeContainers. */
import { date, type Line, none } from './lines.ts';

interface Port {
  containerPort: number;
  hostPort?: number;
  protocol?: string;
}

interface Reference {
  name?: string;
  key?: string;
  optional?: boolean;
}

interface Env {
  name: string;
  value?: string;
  valueFrom?: {
    fieldRef?: { apiVersion?: string; fieldPath: string };
    resourceFieldRef?: { resource: string };
    configMapKeyRef?: Reference;
    secretKeyRef?: Reference;
  };
}

export interface Resources {
  limits?: Record<string, unknown>;
  requests?: Record<string, unknown>;
}

interface Probe {
  exec?: { command?: string[] };
  httpGet?: { path?: string; port: number | string; host?: string; scheme?: string };
  tcpSocket?: { port: number | string; host?: string };
  grpc?: { port: number; service?: string };
  [field: string]: unknown;
}

export interface Container {
  name: string;
  image?: string;
  ports?: Port[];
  command?: string[];
  args?: string[];
  env?: Env[];
  envFrom?: { prefix?: string; configMapRef?: Reference; secretRef?: Reference }[];
  resources?: Resources;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean; subPath?: string }[];
}

interface State {
  running?: { startedAt?: string };
  waiting?: { reason?: string };
  terminated?: {
    reason?: string;
    message?: string;
    exitCode: number;
    signal?: number;
    startedAt?: string;
    finishedAt?: string;
  };
}

export interface Status {
  name: string;
  containerID?: string;
  imageID?: string;
  ready: boolean;
  restartCount: number;
  state?: State;
  lastState?: State;
}

/** The value that a field of the Pod itself has, for the environment. */
export type FieldValue = (fieldPath: string) => string;

const block = (label: string, words: readonly string[] | undefined): Line[] =>
  words && words.length > 0 ? [[2, label], ...words.flatMap((w) => w.split('\n')).map((w): Line => [3, w])] : [];

export function resourceLines({ limits, requests }: Resources, level: number): Line[] {
  const part = (label: string, amounts: Record<string, unknown> | undefined): Line[] => {
    const names = Object.keys(amounts ?? {}).sort();
    if (names.length === 0) return [];
    return [[level, label], ...names.map((n): Line => [level + 1, `${n}:`, String(amounts?.[n])])];
  };
  return [...part('Limits:', limits), ...part('Requests:', requests)];
}

function probeText(probe: Probe): string {
  const number = (name: string): number => Number(probe[name] ?? 0);
  const attributes = `delay=${number('initialDelaySeconds')}s timeout=${number('timeoutSeconds')}s period=${number('periodSeconds')}s #success=${number('successThreshold')} #failure=${number('failureThreshold')}`;
  const { exec, httpGet, tcpSocket, grpc } = probe;
  if (exec) return `exec [${(exec.command ?? []).join(' ')}] ${attributes}`;
  if (httpGet) {
    const scheme = httpGet.scheme ? `${httpGet.scheme.toLowerCase()}:` : '';
    const path = httpGet.path ?? '';
    return `http-get ${scheme}//${httpGet.host ?? ''}:${httpGet.port}${path === '' || path.startsWith('/') ? path : `/${path}`} ${attributes}`;
  }
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port} ${attributes}`;
  if (grpc) return `grpc <pod>:${grpc.port} ${grpc.service ?? ''} ${attributes}`;
  return `unknown ${attributes}`;
}

function stateLines(label: string, state: State | undefined): Line[] {
  if (state?.running)
    return [
      [2, `${label}:`, 'Running'],
      [3, 'Started:', date(state.running.startedAt)],
    ];
  const { waiting, terminated } = state ?? {};
  if (!terminated)
    return [[2, `${label}:`, 'Waiting'], ...(waiting?.reason ? [[3, 'Reason:', waiting.reason] as Line] : [])];
  return [
    [2, `${label}:`, 'Terminated'],
    ...(terminated.reason ? [[3, 'Reason:', terminated.reason] as Line] : []),
    ...(terminated.message ? [[3, 'Message:', terminated.message] as Line] : []),
    [3, 'Exit Code:', String(terminated.exitCode)],
    ...(terminated.signal ? [[3, 'Signal:', String(terminated.signal)] as Line] : []),
    [3, 'Started:', date(terminated.startedAt)],
    [3, 'Finished:', date(terminated.finishedAt)],
  ];
}

function environmentLines(c: Container, field: FieldValue | null): Line[] {
  const lines: Line[] = [];
  if (c.envFrom?.length) {
    lines.push([2, 'Environment Variables from:']);
    for (const { prefix, configMapRef, secretRef } of c.envFrom) {
      const reference = configMapRef ?? secretRef;
      const kind = configMapRef ? 'ConfigMap' : 'Secret';
      const how = prefix ? `${kind} with prefix '${prefix}'` : kind;
      lines.push([3, reference?.name ?? '', how, `Optional: ${reference?.optional === true}`]);
    }
  }
  const env = c.env ?? [];
  lines.push(env.length === 0 ? [2, 'Environment:', '<none>'] : [2, 'Environment:']);
  for (const { name, value = '', valueFrom } of env) {
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom ?? {};
    if (fieldRef)
      lines.push([
        3,
        `${name}:`,
        `${field?.(fieldRef.fieldPath) ?? ''} (${fieldRef.apiVersion ?? ''}:${fieldRef.fieldPath})`,
      ]);
    else if (resourceFieldRef) {
      const [kind = '', resource = ''] = resourceFieldRef.resource.split('.');
      const amount = c.resources?.[kind as 'limits']?.[resource];
      lines.push([
        3,
        `${name}:`,
        `${amount === undefined ? (kind === 'limits' ? 'node allocatable' : '0') : String(amount)} (${resourceFieldRef.resource})`,
      ]);
    } else if (secretKeyRef)
      lines.push([
        3,
        `${name}:`,
        `<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name}'>`,
        `Optional: ${secretKeyRef.optional === true}`,
      ]);
    else if (configMapKeyRef)
      lines.push([
        3,
        `${name}:`,
        `<set to the key '${configMapKeyRef.key}' of config map '${configMapKeyRef.name}'>`,
        `Optional: ${configMapKeyRef.optional === true}`,
      ]);
    else for (const [i, row] of value.split('\n').entries()) lines.push([3, i === 0 ? `${name}:` : '', row]);
  }
  return lines;
}

function mountLines({ volumeMounts = [] }: Container): Line[] {
  if (volumeMounts.length === 0) return [[2, 'Mounts:', '<none>']];
  const ordered = [...volumeMounts].sort((a, b) =>
    a.mountPath < b.mountPath ? -1 : a.mountPath > b.mountPath ? 1 : 0,
  );
  return [
    [2, 'Mounts:'],
    ...ordered.map((m): Line => {
      const how = [m.readOnly ? 'ro' : 'rw', ...(m.subPath ? [`path="${m.subPath}"`] : [])].join(',');
      return [3, `${m.mountPath} from ${m.name} (${how})`];
    }),
  ];
}

function oneContainer(c: Container, status: Status | undefined, indent: string, field: FieldValue | null): Line[] {
  const ports = c.ports ?? [];
  const list = (of: (p: Port) => number): string => ports.map((p) => `${of(p)}/${p.protocol ?? ''}`).join(', ');
  const plural = ports.length > 1 ? 's' : '';
  const probes = [
    ['Liveness:', c.livenessProbe],
    ['Readiness:', c.readinessProbe],
    ['Startup:', c.startupProbe],
  ] as const;
  return [
    [1, `${indent === '' ? '' : ' '}${c.name}:`],
    ...(status ? [[2, 'Container ID:', status.containerID ?? ''] as Line] : []),
    [2, 'Image:', c.image ?? ''],
    ...(status ? [[2, 'Image ID:', status.imageID ?? ''] as Line] : []),
    [2, `Port${plural}:`, none(list((p) => p.containerPort))],
    [2, `Host Port${plural}:`, none(list((p) => p.hostPort ?? 0))],
    ...block('Command:', c.command),
    ...block('Args:', c.args),
    ...(status
      ? [
          ...stateLines('State', status.state),
          ...(status.lastState?.terminated ? stateLines('Last State', status.lastState) : []),
          [2, 'Ready:', status.ready ? 'True' : 'False'] as Line,
          [2, 'Restart Count:', String(status.restartCount)] as Line,
        ]
      : []),
    ...resourceLines(c.resources ?? {}, 2),
    ...probes.flatMap(([label, probe]): Line[] => (probe ? [[2, label, probeText(probe)]] : [])),
    ...environmentLines(c, field),
    ...mountLines(c),
  ];
}

/** Containers under their label; `indent` is that of a template. */
export const containerLines = (
  label: string,
  containers: readonly Container[],
  {
    statuses = [],
    indent = '',
    field = null,
  }: { statuses?: readonly Status[]; indent?: string; field?: FieldValue | null } = {},
): Line[] => [
  [0, `${indent}${label}:${containers.length === 0 ? ' <none>' : ''}`],
  ...containers.flatMap((c) =>
    oneContainer(
      c,
      statuses.find((s) => s.name === c.name),
      indent,
      field,
    ),
  ),
];
