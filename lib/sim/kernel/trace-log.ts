import type { NetNs } from '../linux/types.ts';
import type { Packet } from '../packet/packet.ts';
import type { TraceStep } from './trace.ts';
import type { Render } from './trace-ring.ts';
import type { World } from './world.ts';

/** A kind of step: what it is made of, and its words, which are made when somebody reads the trace. */
export interface StepKind<A extends unknown[]> {
  readonly render: (...values: A) => TraceStep;
}

/**
 * Defines a kind of step by at most seven values. They are kept as they are until the event is read, so they must be
 * primitives, or records that nobody changes.
 */
export const stepKind = <A extends unknown[]>(render: (...values: A) => TraceStep): StepKind<A> => ({ render });

const ready = stepKind((step: TraceStep) => step);

/** Appends one step of a packet's way to the world's trace. Costs nothing while the trace is off. */
export function record(world: World, ns: NetNs, packet: Packet, step: TraceStep): void {
  note(world, ns, packet, ready, step);
}

function noteStep(
  world: World,
  ns: NetNs,
  packet: Packet,
  kind: StepKind<never[]>,
  a?: unknown,
  b?: unknown,
  c?: unknown,
  d?: unknown,
  e?: unknown,
  f?: unknown,
  g?: unknown,
): void {
  const { trace } = world;
  if (trace.off) return;
  trace.note(world.now, ns.host, ns.label, packet, kind.render as Render, a, b, c, d, e, f, g);
}

/** The same for steps that are told often: their words are made when they are read. */
export const note = noteStep as <A extends unknown[]>(
  world: World,
  ns: NetNs,
  packet: Packet,
  kind: StepKind<A>,
  ...values: A
) => void;
