/** A container's environment. Source: kubernetes/kubernetes pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables), third_party/forked/golang/expansion. */
import type { Host, World } from '../../kernel/world.ts';
import { decodeBase64 } from '../../text/base64.ts';
import { utf8Decode } from '../../text/utf8.ts';
import { getObject, listObjects } from '../store/store.ts';
import type { KubeObject } from '../types.ts';
import type { ContainerSpec } from './spec.ts';

/** A container that cannot be configured: the message of CreateContainerConfigError. */
export interface ConfigError {
  config: string;
}

/** Variables for the Services of the Pod's namespace that were there before it, and for the API. Source: pkg/kubelet/envvars. */
function serviceVariables(world: World, pod: KubeObject): [string, string][] {
  const namespace = pod.metadata.namespace ?? 'default';
  const master = getObject(world, 'services', 'default', 'kubernetes');
  const services = (pod.spec?.enableServiceLinks === false ? [] : listObjects(world, 'services', { namespace })).filter(
    (s) => s.spec?.clusterIP && s.spec.clusterIP !== 'None' && s !== master,
  );
  return [...(master ? [master] : []), ...services].flatMap((s): [string, string][] => {
    const prefix = s.metadata.name.toUpperCase().replaceAll('-', '_');
    const ip = s.spec?.clusterIP as string;
    const ports = (s.spec?.ports ?? []) as { name?: string; port: number; protocol?: string }[];
    const [first] = ports;
    if (!first) return [];
    const tcp = (p: (typeof ports)[number]) => (p.protocol ?? 'TCP').toLowerCase();
    return [
      [`${prefix}_SERVICE_HOST`, ip],
      [`${prefix}_SERVICE_PORT`, String(first.port)],
      ...ports
        .filter((p) => p.name)
        .map((p): [string, string] => [
          `${prefix}_SERVICE_PORT_${(p.name as string).toUpperCase().replaceAll('-', '_')}`,
          String(p.port),
        ]),
      [`${prefix}_PORT`, `${tcp(first)}://${ip}:${first.port}`],
      ...ports.flatMap((p): [string, string][] => {
        const name = `${prefix}_PORT_${p.port}_${tcp(p).toUpperCase()}`;
        return [
          [name, `${tcp(p)}://${ip}:${p.port}`],
          [`${name}_PROTO`, tcp(p)],
          [`${name}_PORT`, String(p.port)],
          [`${name}_ADDR`, ip],
        ];
      }),
    ];
  });
}

/** `$(NAME)` of variables that are known; `$$` stands for `$`. */
export const expand = (text: string, env: ReadonlyMap<string, string>): string =>
  text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (env.get(name) ?? whole),
  );

const keyOf = (path: string): string | undefined => /\['([^']*)'\]$/.exec(path)?.[1];

/** A field of the Pod as the downward API names it; null for one it does not have. */
export function podField(
  world: World,
  host: Host,
  pod: KubeObject,
  ips: readonly string[],
  path: string,
): string | null {
  const { metadata } = pod;
  const key = keyOf(path);
  const pairs = (map: Record<string, string> | undefined): string =>
    Object.entries(map ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${k}=${JSON.stringify(v)}`)
      .join('\n');
  if (key !== undefined) {
    if (path.startsWith('metadata.labels')) return metadata.labels?.[key] ?? '';
    if (path.startsWith('metadata.annotations')) return metadata.annotations?.[key] ?? '';
    return null;
  }
  const node = getObject(world, 'nodes', undefined, host.name);
  const hostIps = ((node?.status?.addresses ?? []) as { type: string; address: string }[])
    .filter((a) => a.type === 'InternalIP')
    .map((a) => a.address);
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
      return pairs(metadata.labels);
    case 'metadata.annotations':
      return pairs(metadata.annotations);
    case 'spec.nodeName':
      return host.name;
    case 'spec.serviceAccountName':
      return pod.spec?.serviceAccountName ?? '';
    case 'status.hostIP':
      return hostIps[0] ?? '';
    case 'status.hostIPs':
      return hostIps.join(',');
    case 'status.podIP':
      return ips[0] ?? '';
    case 'status.podIPs':
      return ips.join(',');
    default:
      return null;
  }
}

/** What a ConfigMap or a Secret holds, as text; undefined when it is not there. */
export function dataOf(
  world: World,
  resource: 'configmaps' | 'secrets',
  namespace: string,
  name: string,
): Map<string, string> | undefined {
  const object = getObject(world, resource, namespace, name);
  if (!object) return undefined;
  const data = Object.entries((object.data ?? {}) as Record<string, string>);
  if (resource === 'configmaps') return new Map(data);
  return new Map(data.map(([k, v]) => [k, utf8Decode(decodeBase64(String(v)) ?? [])]));
}

interface KeyRef {
  name: string;
  key: string;
  optional?: boolean;
}

function fromKey(
  world: World,
  resource: 'configmaps' | 'secrets',
  namespace: string,
  ref: KeyRef,
): string | null | ConfigError {
  const data = dataOf(world, resource, namespace, ref.name);
  const label = resource === 'secrets' ? 'secret' : 'configmap';
  if (!data) return ref.optional ? null : { config: `${label} "${ref.name}" not found` };
  const value = data.get(ref.key);
  if (value !== undefined) return value;
  return ref.optional
    ? null
    : {
        config: `couldn't find key ${ref.key} in ${resource === 'secrets' ? 'Secret' : 'ConfigMap'} ${namespace}/${ref.name}`,
      };
}

/** The whole environment, in the order in which the runtime hands it over; or why there is none. */
export function environmentOf(
  world: World,
  host: Host,
  pod: KubeObject,
  spec: ContainerSpec,
  ips: readonly string[],
  hostname: string,
): Map<string, string> | ConfigError {
  const namespace = pod.metadata.namespace ?? 'default';
  const services = new Map(serviceVariables(world, pod));
  const own = new Map<string, string>();
  for (const source of spec.envFrom ?? []) {
    const ref = source.configMapRef ?? source.secretRef;
    if (!ref) continue;
    const resource = source.configMapRef ? 'configmaps' : 'secrets';
    const data = dataOf(world, resource, namespace, ref.name);
    if (!data && !ref.optional)
      return { config: `${resource === 'secrets' ? 'secret' : 'configmap'} "${ref.name}" not found` };
    for (const [k, v] of data ?? []) own.set(`${source.prefix ?? ''}${k}`, v);
  }
  for (const e of spec.env ?? []) {
    const from = e.valueFrom;
    if (!from) {
      own.set(e.name, expand(e.value ?? '', new Map([...services, ...own])));
      continue;
    }
    let value: string | null | ConfigError = null;
    if (from.fieldRef) {
      value = podField(world, host, pod, ips, from.fieldRef.fieldPath);
      if (value === null) return { config: `unsupported fieldPath: ${from.fieldRef.fieldPath}` };
    } else if (from.configMapKeyRef) value = fromKey(world, 'configmaps', namespace, from.configMapKeyRef);
    else if (from.secretKeyRef) value = fromKey(world, 'secrets', namespace, from.secretKeyRef);
    if (typeof value === 'object' && value !== null) return value;
    if (value !== null) own.set(e.name, value);
  }
  return new Map([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOSTNAME', hostname],
    ...own,
    ...[...services].filter(([name]) => !own.has(name)),
    ['HOME', own.get('HOME') ?? '/root'],
  ]);
}
