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

/** Ids grow: among timers of one time the older fires first. */
const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.id < b.id);

/** Moves the timer at `at` towards the root of the heap, as far as it belongs there. */
function rise(heap: Timer[], at: number): void {
  const timer = heap[at] as Timer;
  let i = at;
  while (i > 0) {
    const up = (i - 1) >> 1;
    const above = heap[up] as Timer;
    if (!before(timer, above)) break;
    heap[i] = above;
    i = up;
  }
  heap[i] = timer;
}

/** The opposite. */
function sink(heap: Timer[], at: number): void {
  const timer = heap[at] as Timer;
  const { length } = heap;
  let i = at;
  for (let down = 2 * i + 1; down < length; down = 2 * i + 1) {
    if (down + 1 < length && before(heap[down + 1] as Timer, heap[down] as Timer)) down++;
    const below = heap[down] as Timer;
    if (!before(below, timer)) break;
    heap[i] = below;
    i = down;
  }
  heap[i] = timer;
}

/** Fires `kind` with `data` after `delay` µs. Returns an id for {@link cancelTimer}. */
export function setTimer(world: World, delay: number, kind: string, data: unknown): number {
  const at = world.now + Math.max(0, Math.round(delay));
  return addTimer(world, { id: world.next.timer++, at, kind, data });
}

/**
 * Takes a timer that its owner has made, with the next id and at a time that is not past. Frames under way make their own:
 * V8 learns from each place in the code how long what is made there lives, and puts what is made where timers of seconds are
 * made among the old objects, with everything that hangs on it.
 */
export function addTimer(world: World, timer: Timer): number {
  const { timers } = world;
  timers.push(timer);
  rise(timers, timers.length - 1);
  return timer.id;
}

/** Removes a pending timer; does nothing when it has fired. */
export function cancelTimer(world: World, id: number): void {
  const { timers } = world;
  const at = timers.findIndex((t) => t.id === id);
  if (at < 0) return;
  const last = timers.pop() as Timer;
  if (at === timers.length) return;
  timers[at] = last;
  sink(timers, at);
  rise(timers, at);
}

/** Virtual time of the next timer, or null. */
export const nextTimerAt = (world: World): number | null => {
  const first = world.timers[0];
  return first === undefined ? null : first.at;
};

/** Fires every timer due at `world.now`. */
export function fireTimers(world: World): boolean {
  const { timers } = world;
  let fired = false;
  for (let first = timers[0]; first !== undefined && first.at <= world.now; first = timers[0]) {
    const last = timers.pop() as Timer;
    if (timers.length > 0) {
      timers[0] = last;
      sink(timers, 0);
    }
    const handler = handlers.get(first.kind);
    if (!handler) throw new Error(`no handler for timer kind ${first.kind}`);
    handler(world, first.data as never);
    fired = true;
  }
  return fired;
}
