/** Following changes as a client's watch does. Source: k8s.io/client-go tools/watch, k8s.io/apiserver pkg/storage/cacher. */
import type { Kind } from '../../k8s/kinds/resources.ts';
import { changesSince, listObjects, revision } from '../../k8s/store/store.ts';
import type { Change, KubeObject } from '../../k8s/types.ts';
import type { Io } from '../../kernel/process.ts';
import type { World } from '../../kernel/world.ts';
import { waitFor } from '../io.ts';

export interface WatchEvent {
  type: Change['type'];
  object: KubeObject;
}

/** Follows the objects of a kind that satisfy a test, from now on. */
export class Watcher {
  private readonly known = new Set<string>();
  private at: number;

  constructor(
    private readonly world: World,
    private readonly kind: Kind,
    private readonly matches: (object: KubeObject) => boolean,
  ) {
    this.at = revision(world);
    for (const object of listObjects(world, kind.name)) if (matches(object)) this.known.add(object.metadata.uid ?? '');
  }

  /** Waits for events, at most until `deadline` (µs of virtual time); none when it came first. */
  *next(deadline: number | null = null): Io<WatchEvent[]> {
    for (;;) {
      const events = this.take();
      if (events.length > 0) return events;
      if (!(yield* waitFor(() => revision(this.world) !== this.at, deadline))) return [];
    }
  }

  private take(): WatchEvent[] {
    const changes = changesSince(this.world, this.at) ?? [];
    this.at = revision(this.world);
    const events: WatchEvent[] = [];
    for (const { type, resource, object } of changes) {
      if (resource !== this.kind.name) continue;
      const uid = object.metadata.uid ?? '';
      if (type !== 'DELETED' && this.matches(object)) {
        events.push({ type: this.known.has(uid) ? 'MODIFIED' : 'ADDED', object });
        this.known.add(uid);
      } else if (this.known.delete(uid)) events.push({ type: 'DELETED', object });
    }
    return events;
  }
}
