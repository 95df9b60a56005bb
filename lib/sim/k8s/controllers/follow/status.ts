/** Writing status: only what changed, conditions with the times of their changes. */
import type { World } from '../../../kernel/world.ts';
import { same } from '../../store/clone.ts';
import { timestamp, touchObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastUpdateTime?: string;
  lastHeartbeatTime?: string;
}

/** The condition of a type. */
export const conditionOf = (object: KubeObject, type: string): Condition | undefined =>
  ((object.status?.conditions ?? []) as Condition[]).find((c) => c.type === type);

/** Leaves out counts that are zero, as Go's omitempty does, but for those named. */
export function counts(of: Record<string, number>, always: readonly string[] = []): Record<string, number> {
  return Object.fromEntries(Object.entries(of).filter(([name, n]) => n !== 0 || always.includes(name)));
}

/** Puts a new status in the place of the old one when it says something else. Answers whether it did. */
export function setStatus(
  world: World,
  resource: string,
  object: KubeObject,
  status: Record<string, unknown>,
): boolean {
  if (same(object.status ?? {}, status)) return false;
  object.status = status;
  touchObject(world, resource, object);
  return true;
}

/** A list of conditions with one set; its time of transition stays while its status does. */
export function withCondition(world: World, conditions: readonly Condition[], wanted: Condition): Condition[] {
  const known = conditions.find((c) => c.type === wanted.type);
  const lastTransitionTime =
    known?.status === wanted.status ? known.lastTransitionTime : (wanted.lastTransitionTime ?? timestamp(world));
  const next = { ...wanted, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) };
  return known ? conditions.map((c) => (c === known ? next : c)) : [...conditions, next];
}
