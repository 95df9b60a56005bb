/**
 * The event queue of virtual time. Timers are plain data in the world; what they do is registered by kind, so that a
 * world can be hashed and sent. Two timers at the same time fire in the order they were set.
 */
import type { Timer, World } from './world.ts';

type Handler = (world: World, data: never) => void;

const handlers = new Map<string, Handler>();

/** Registers what a timer of `kind` does. Called once at import by the module that owns the kind. */
export function onTimer<T>(kind: string, handler: (world: World, data: T) => void): void {
  handlers.set(kind, handler as Handler);
}

/** Fires `kind` with `data` after `delay` µs. Returns an id for {@link cancelTimer}. */
export function setTimer(world: World, delay: number, kind: string, data: unknown): number {
  const timer: Timer = { id: world.next.timer++, at: world.now + Math.max(0, Math.round(delay)), kind, data };
  const { timers } = world;
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((timers[mid] as Timer).at <= timer.at) low = mid + 1;
    else high = mid;
  }
  timers.splice(low, 0, timer);
  return timer.id;
}

/** Removes a pending timer; does nothing when it has fired. */
export function cancelTimer(world: World, id: number): void {
  const at = world.timers.findIndex((t) => t.id === id);
  if (at >= 0) world.timers.splice(at, 1);
}

/** Virtual time of the next timer, or null. */
export const nextTimerAt = (world: World): number | null => world.timers[0]?.at ?? null;

/** Fires every timer due at `world.now`. */
export function fireTimers(world: World): boolean {
  let fired = false;
  for (let first = world.timers[0]; first && first.at <= world.now; first = world.timers[0]) {
    world.timers.shift();
    const handler = handlers.get(first.kind);
    if (!handler) throw new Error(`no handler for timer kind ${first.kind}`);
    handler(world, first.data as never);
    fired = true;
  }
  return fired;
}
