import type { KubeObject } from '../../types.ts';

/** Roles of a node by its labels, sorted, joined by commas; empty for none. */
export const rolesOf = (node: KubeObject): string =>
  Object.keys(node.metadata.labels ?? {})
    .flatMap((k) => (k.startsWith('node-role.kubernetes.io/') ? [k.slice('node-role.kubernetes.io/'.length)] : []))
    .sort()
    .join(',');

/** STATUS of the table. */
export function nodeStatus(node: KubeObject): string {
  const ready = (node.status?.conditions as { type: string; status: string }[] | undefined)?.find(
    (c) => c.type === 'Ready',
  );
  const text = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return node.spec?.unschedulable ? `${text},SchedulingDisabled` : text;
}

/** Its first address of a type. */
export const addressOf = (node: KubeObject, type: string): string | undefined =>
  (node.status?.addresses as { type: string; address: string }[] | undefined)?.find((a) => a.type === type)?.address;
