/** Events: what controllers tell people about an object. Repeated ones are counted. Source: client-go tools/record. */
import type { World } from '../kernel/world.ts';
import { clusterOf, getObject, insertObject, timestamp, touchObject } from './store/store.ts';
import type { KubeObject } from './types.ts';

/** Messages that begin alike are the same. */
const SAME = 90;

/** Records an event about `object`, or its part at `fieldPath`; the same reason and message again raises its count. */
export function emitEvent(
  world: World,
  object: KubeObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  component = 'kubelet',
  fieldPath?: string,
): void {
  const namespace = object.metadata.namespace ?? 'default';
  const { told } = clusterOf(world);
  const what = [object.metadata.uid, reason, fieldPath ?? '', message.slice(0, SAME)].join(' ');
  const known = getObject(world, 'events', namespace, told.get(what) ?? '');
  if (known) {
    known.count++;
    known.lastTimestamp = timestamp(world);
    known.message = message;
    touchObject(world, 'events', known);
    return;
  }
  const event = insertObject(world, 'events', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${object.metadata.name}.${(world.next.container++).toString(16).padStart(16, '0')}`, namespace },
    involvedObject: {
      kind: object.kind,
      namespace,
      name: object.metadata.name,
      uid: object.metadata.uid,
      apiVersion: object.apiVersion,
      ...(fieldPath === undefined ? {} : { fieldPath }),
    },
    type,
    reason,
    message,
    count: 1,
    firstTimestamp: timestamp(world),
    lastTimestamp: timestamp(world),
    source: { component, ...(component === 'kubelet' ? { host: object.spec?.nodeName } : {}) },
  });
  if (event) told.set(what, event.metadata.name);
}
