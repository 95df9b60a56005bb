/** kube-controller-manager and kube-scheduler in one program: its loops follow the log of changes until none has anything to do. */
import { waitFor } from '../../commands/io.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { revision } from '../store/store.ts';
import { enqueue, type Loop } from './follow/loop.ts';
import { type Context, type Memory, newMemory, noticed } from './follow/memory.ts';
import { loops } from './loops.ts';

/** Loops that keep undoing each other must not hang the world: after so many rounds they wait. */
const MAX_ROUNDS = 200;
/** How long they wait then, µs. */
const BACKOFF = 1_000_000;

/** Runs on the control plane's node. */
export function* controllers(proc: Proc, rest?: Memory): Program {
  const context: Context = { world: proc.world, memory: rest ?? newMemory() };
  const { memory } = context;
  let looked = rest !== undefined;
  for (;;) {
    if (!looked) while (!settle(context)) yield* waitFor(() => false, proc.world.now + BACKOFF, { on: 'never' });
    looked = false;
    const due = dueAt(memory);
    yield* waitFor(() => revision(proc.world) !== memory.seen, due, {
      on: 'api',
      rest: { main: controllers, state: memory },
    });
  }
}

function dueAt(memory: Memory): number | null {
  let due: number | null = null;
  for (const at of memory.timers.values()) if (due === null || at < due) due = at;
  return due;
}

/** Lets every loop work until nothing is left to do at this time. False when they do not come to an end. */
export function settle(context: Context, which: readonly Loop[] = loops): boolean {
  const { world, memory } = context;
  for (const [timer, at] of memory.timers) {
    if (at > world.now) continue;
    memory.timers.delete(timer);
    const space = timer.indexOf(' ');
    enqueue(memory, timer.slice(0, space), timer.slice(space + 1));
  }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (const change of noticed(context)) for (const loop of which) loop.follow(context, change);
    let worked = false;
    for (const loop of which) {
      const queue = memory.queues.get(loop.name);
      if (!queue || queue.size === 0) continue;
      worked = true;
      memory.queues.set(loop.name, new Set());
      for (const key of queue) {
        const again = loop.sync(context, key);
        const timer = `${loop.name} ${key}`;
        if (again === undefined) memory.timers.delete(timer);
        else memory.timers.set(timer, again);
      }
    }
    if (!worked && revision(world) === memory.seen) return true;
  }
  return false;
}
