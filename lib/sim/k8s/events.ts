/** Events: what controllers tell people about an object. Repeated ones are counted. Source: client-go tools/record. */
import type { World } from '../kernel/world.ts';
import { insertObject, listObjects, timestamp, touchObject } from './store/store.ts';
import type { KubeObject } from './types.ts';

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
  const known = listObjects(world, 'events', { namespace }).find(
    (e) =>
      e.involvedObject.uid === object.metadata.uid &&
      e.reason === reason &&
      e.involvedObject.fieldPath === fieldPath &&
      e.message.slice(0, 90) === message.slice(0, 90),
  );
  if (known) {
    known.count++;
    known.lastTimestamp = timestamp(world);
    known.message = message;
    touchObject(world, 'events', known);
    return;
  }
  insertObject(world, 'events', {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${object.metadata.name}.${(world.next.container++).toString(16).padStart(16, '0')}`, namespace },
    involvedObject: {
      kind: object.kind,
      namespace,
      name: object.metadata.name,
      uid: object.metadata.uid,
      ...(fieldPath === undefined ? {} : { fieldPath }),
    },
    type,
    reason,
    message,
    count: 1,
    firstTimestamp: timestamp(world),
    lastTimestamp: timestamp(world),
    source: { component, host: object.spec?.nodeName },
  });
}
