/** One control loop: what it looks at when something changes, and what it does then. */
import { type Context, controllerOf, having, keyOf, type Memory, type Noticed } from './memory.ts';

export interface Loop {
  name: string;
  /** Puts into the loop's queue what a change concerns. */
  follow(context: Context, change: Noticed): void;
  /** Brings one key from what it is to what it is to be. Answers when to look again without a change (virtual µs), if ever. */
  sync(context: Context, key: string): number | undefined;
}

/** Has a loop look at a key. */
export function enqueue(memory: Memory, loop: string, key: string): void {
  const queue = memory.queues.get(loop);
  if (queue) queue.add(key);
  else memory.queues.set(loop, new Set([key]));
}

/**
 * How a loop follows the objects that it is about and those that they control: what is controlled leads to its controller, what
 * nobody controls to everyone in the namespace who might adopt it.
 */
export function followOwned(name: string, resource: string, owned: string): Loop['follow'] {
  return (context, change) => {
    const { memory } = context;
    if (change.resource === resource) enqueue(memory, name, change.key);
    if (change.resource !== owned) return;
    for (const uid of change.owners) {
      const id = memory.ids.get(uid);
      if (id?.startsWith(`${resource} `)) enqueue(memory, name, id.slice(resource.length + 1));
    }
    if (change.gone || controllerOf(change.object)) return;
    for (const one of having(context, memory.places, `${resource} ${change.object.metadata.namespace}`))
      enqueue(memory, name, keyOf(one));
  };
}
