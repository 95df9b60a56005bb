/** What Pods and their templates share: volumes, tolerations, spread. Source: k8s.io/kubectl pkg/describe. */
import { selectorText } from '../../../k8s/kinds/cells.ts';
import { parseQuantity } from '../../../k8s/printers/quantity.ts';
import type { KubeObject } from '../../../k8s/types.ts';
import { type Container, containerLines } from './containers.ts';
import { annotationLines, type Line, labelLines, multiline } from './lines.ts';

export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a volume's sources are as open as the API
type Source = Record<string, any>;

type Row = [string, string];

/** What a volume's source says of itself; the first row is its type. */
const SOURCES: Record<string, (source: Source) => Row[]> = {
  hostPath: (s) => [
    ['Type:', 'HostPath (bare host directory volume)'],
    ['Path:', s.path],
    ['HostPathType:', s.type ?? '<none>'],
  ],
  emptyDir: (s) => [
    ['Type:', "EmptyDir (a temporary directory that shares a pod's lifetime)"],
    ['Medium:', s.medium ?? ''],
    ['SizeLimit:', parseQuantity(s.sizeLimit) > 0 ? String(s.sizeLimit) : '<unset>'],
  ],
  secret: (s) => [
    ['Type:', 'Secret (a volume populated by a Secret)'],
    ['SecretName:', s.secretName ?? ''],
    ['Optional:', String(s.optional === true)],
  ],
  configMap: (s) => [
    ['Type:', 'ConfigMap (a volume populated by a ConfigMap)'],
    ['Name:', s.name ?? ''],
    ['Optional:', String(s.optional === true)],
  ],
  nfs: (s) => [
    ['Type:', 'NFS (an NFS mount that lasts the lifetime of a pod)'],
    ['Server:', s.server],
    ['Path:', s.path],
    ['ReadOnly:', String(s.readOnly === true)],
  ],
  persistentVolumeClaim: (s) => [
    ['Type:', 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)'],
    ['ClaimName:', s.claimName],
    ['ReadOnly:', String(s.readOnly === true)],
  ],
  projected: (s) => [
    ['Type:', 'Projected (a volume that contains injected data from multiple sources)'],
    ...((s.sources ?? []) as Source[]).flatMap((source): Row[] => {
      if (source.secret)
        return [
          ['SecretName:', source.secret.name ?? ''],
          ['Optional:', String(source.secret.optional === true)],
        ];
      if (source.downwardAPI) return [['DownwardAPI:', 'true']];
      if (source.configMap)
        return [
          ['ConfigMapName:', source.configMap.name ?? ''],
          ['Optional:', String(source.configMap.optional === true)],
        ];
      if (source.serviceAccountToken)
        return [['TokenExpirationSeconds:', String(source.serviceAccountToken.expirationSeconds ?? '<nil>')]];
      return [];
    }),
  ],
};

export function volumeLines(volumes: readonly Source[] | undefined, indent = ''): Line[] {
  if (!volumes || volumes.length === 0) return [[0, `${indent}Volumes:`, '<none>']];
  return [
    [0, `${indent}Volumes:`],
    ...volumes.flatMap((volume): Line[] => {
      const kind = Object.keys(SOURCES).find((k) => volume[k] !== undefined && volume[k] !== null);
      const rows = kind === undefined ? null : SOURCES[kind]?.(volume[kind]);
      return [
        [1, `${indent === '' ? '' : ' '}${volume.name}:`],
        ...(rows ? rows.map((row): Line => [2, ...row]) : [[1, '<unknown>'] as Line]),
      ];
    }),
  ];
}

function tolerationText(t: Toleration): string {
  const name = `${t.key ?? ''}${t.value ? `=${t.value}` : ''}${t.effect ? `:${t.effect}` : ''}`;
  const exists = t.operator === 'Exists' && !t.value ? (name === '' ? 'op=Exists' : ' op=Exists') : '';
  return `${name}${exists}${t.tolerationSeconds === undefined ? '' : ` for ${t.tolerationSeconds}s`}`;
}

export const tolerationLines = (label: string, tolerations: readonly Toleration[] | undefined): Line[] =>
  multiline(
    label,
    [...(tolerations ?? [])]
      .sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : (a.key ?? '') > (b.key ?? '') ? 1 : 0))
      .map(tolerationText),
  );

interface Spread {
  topologyKey: string;
  whenUnsatisfiable: string;
  maxSkew: number;
  labelSelector?: Parameters<typeof selectorText>[0];
}

export function spreadLines(spread: readonly Spread[] | undefined, indent = ''): Line[] {
  return [...(spread ?? [])]
    .sort((a, b) => (a.topologyKey < b.topologyKey ? -1 : a.topologyKey > b.topologyKey ? 1 : 0))
    .map((s, i): Line => {
      const selector = s.labelSelector ? ` for selector ${selectorText(s.labelSelector)}` : '';
      return [
        0,
        `${indent}${i === 0 ? 'Topology Spread Constraints:' : ''}`,
        `${s.topologyKey}:${s.whenUnsatisfiable} when max skew ${s.maxSkew} is exceeded${selector}`,
      ];
    });
}

/** "Pod Template:" of a workload. */
export function templateLines(template: KubeObject | undefined): Line[] {
  const { spec, metadata } = (template ?? {}) as Partial<KubeObject>;
  return [
    [0, 'Pod Template:'],
    ...labelLines('  Labels:', metadata?.labels),
    ...(Object.keys(metadata?.annotations ?? {}).length > 0
      ? annotationLines('  Annotations:', metadata?.annotations)
      : []),
    ...(spec?.serviceAccountName ? [[0, '  Service Account:', spec.serviceAccountName] as Line] : []),
    ...(spec?.initContainers?.length
      ? containerLines('Init Containers', spec.initContainers as Container[], { indent: '  ' })
      : []),
    ...containerLines('Containers', (spec?.containers ?? []) as Container[], { indent: '  ' }),
    ...volumeLines(spec?.volumes, '  '),
    ...spreadLines(spec?.topologySpreadConstraints, '  '),
    ...(spec?.priorityClassName ? [[0, '  Priority Class Name:', spec.priorityClassName] as Line] : []),
    ...labelLines('  Node-Selectors:', spec?.nodeSelector),
    ...tolerationLines('  Tolerations:', spec?.tolerations),
  ];
}
