/** What table cells have in common. Source: kubernetes/kubernetes pkg/printers/internalversion/printers.go (1.34). */
import type { World } from '../../kernel/world.ts';
import { ageOf } from '../printers/age.ts';
import type { KubeObject } from '../types.ts';

/** Time since creation: `5m30s`. */
export const age = (world: World, o: KubeObject): string => ageOf(world, o.metadata.creationTimestamp);

export const none = (text: string | undefined): string => (text === undefined || text === '' ? '<none>' : text);

/** `a=b,c=d`, sorted; `<none>` for none. */
export const labelText = (labels: Record<string, string> | undefined): string =>
  none(
    Object.entries(labels ?? {})
      .map(([k, v]) => `${k}=${v}`)
      .sort()
      .join(','),
  );

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

function requirementText({ key, operator, values }: Requirement): string {
  const set = [...(values ?? [])].sort().join(',');
  switch (operator) {
    case 'In':
      return `${key} in (${set})`;
    case 'NotIn':
      return `${key} notin (${set})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

/** A LabelSelector as one line: `app=web,tier in (a,b),!old`; `<none>` when it selects everything or nothing. */
export function selectorText(
  selector: { matchLabels?: Record<string, string>; matchExpressions?: Requirement[] } | undefined,
): string {
  const parts = [
    ...Object.entries(selector?.matchLabels ?? {}).map(([k, v]) => ({ key: k, text: `${k}=${v}` })),
    ...(selector?.matchExpressions ?? []).map((r) => ({ key: r.key, text: requirementText(r) })),
  ];
  return none(
    parts
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .map((p) => p.text)
      .join(','),
  );
}

/** The first few of a list, and how many more there are. */
export const few = (texts: string[], most = 3): string =>
  texts.length > most ? `${texts.slice(0, most).join(',')} + ${texts.length - most} more...` : none(texts.join(','));

/** Names and images of the containers of a Pod template. */
export const containerCells = (o: KubeObject): string[] => {
  const containers = (o.spec?.template?.spec?.containers ?? []) as { name: string; image: string }[];
  return [containers.map((c) => c.name).join(','), containers.map((c) => c.image).join(',')];
};

/** A table without columns for -o wide. */
export const noWide = { wide: [], wideRow: (): string[] => [] };

/** CONTAINERS, IMAGES and SELECTOR, as -o wide adds to workloads. */
export const workloadWide = {
  wide: ['CONTAINERS', 'IMAGES', 'SELECTOR'],
  wideRow: (_world: World, o: KubeObject): string[] => [...containerCells(o), selectorText(o.spec?.selector)],
};
