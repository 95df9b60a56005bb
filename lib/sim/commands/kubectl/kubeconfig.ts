/** The client's configuration file. Source: k8s.io/client-go tools/clientcmd. */
import type { Proc } from '../../kernel/process.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { parseYaml, printYaml } from '../../text/yaml.ts';

export type Entry = Record<string, unknown>;

export interface KubeConfig {
  clusters: Map<string, Entry>;
  contexts: Map<string, Entry>;
  users: Map<string, Entry>;
  current: string;
}

/** Where it is: $KUBECONFIG, or ~/.kube/config. */
export const configPath = (proc: Proc): string => proc.env.get('KUBECONFIG') || '/root/.kube/config';

const entries = (value: unknown, field: string): Map<string, Entry> => {
  const list = Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
  const pairs = list.map((e): [string, Entry] => [String(e?.name ?? ''), (e?.[field] as Entry | null) ?? {}]);
  return new Map(pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
};

/** What the file says; an empty configuration where there is none. */
export function loadConfig(proc: Proc): KubeConfig {
  const read = vfsOf(proc).readFile(configPath(proc));
  const parsed = read.ok ? parseYaml(read.value) : null;
  const [document] = parsed?.ok ? parsed.documents : [];
  const given = (typeof document === 'object' && document !== null ? document : {}) as Record<string, unknown>;
  return {
    clusters: entries(given.clusters, 'cluster'),
    contexts: entries(given.contexts, 'context'),
    users: entries(given.users, 'user'),
    current: typeof given['current-context'] === 'string' ? given['current-context'] : '',
  };
}

const FIELDS = {
  cluster: [
    'server',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'certificate-authority',
    'certificate-authority-data',
    'proxy-url',
    'disable-compression',
  ],
  user: [
    'client-certificate',
    'client-certificate-data',
    'client-key',
    'client-key-data',
    'token',
    'tokenFile',
    'as',
    'username',
    'password',
    'auth-provider',
    'exec',
  ],
  context: ['cluster', 'user', 'namespace'],
};

/** The file's data, fields in the order in which the client writes JSON. */
export function configData({ clusters, contexts, users, current }: KubeConfig): Record<string, unknown> {
  const list = (map: Map<string, Entry>, field: keyof typeof FIELDS) => {
    const rank = (key: string): number => (FIELDS[field].includes(key) ? FIELDS[field].indexOf(key) : 99);
    return map.size === 0
      ? null
      : [...map]
          .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
          .map(([name, entry]) => ({
            name,
            [field]: Object.fromEntries(
              Object.entries(entry)
                .filter(([, v]) => v !== undefined)
                .sort(([a], [b]) => rank(a) - rank(b)),
            ),
          }));
  };
  return {
    kind: 'Config',
    apiVersion: 'v1',
    preferences: {},
    clusters: list(clusters, 'cluster'),
    users: list(users, 'user'),
    contexts: list(contexts, 'context'),
    'current-context': current,
  };
}

/** Writes it back. */
export function saveConfig(proc: Proc, config: KubeConfig): void {
  vfsOf(proc).writeFile(configPath(proc), printYaml(configData(config)));
}

/** Namespace of the current context. */
export function contextNamespace(proc: Proc): string {
  const { contexts, current } = loadConfig(proc);
  const namespace = contexts.get(current)?.namespace;
  return typeof namespace === 'string' && namespace !== '' ? namespace : 'default';
}

/** Address of the current context's server. */
export function serverAddress(proc: Proc): string {
  const { clusters, contexts, current } = loadConfig(proc);
  const cluster = clusters.get(String(contexts.get(current)?.cluster ?? ''));
  return typeof cluster?.server === 'string' ? cluster.server : 'http://localhost:8080';
}
