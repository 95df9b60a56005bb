/**
 * What the terminals of a page share with the rest of it: the packet's path draws the session last used, and a
 * command in the text can be tried in a terminal of its scene. Small: it is loaded with every lesson.
 */
import type { WorkSession } from '../terminal/work-session.ts';

/** A terminal's place in the page, opened or not yet. */
export interface Seat {
  scene: string;
  /** Opens it when need be, and types the lines on `host`. */
  run(host: string, lines: readonly string[]): void;
}

const seats = new Set<Seat>();
const listeners = new Set<() => void>();
let used: WorkSession | null = null;

const tell = (): void => {
  for (const listener of [...listeners]) listener();
};

export const listenToDesk = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The session last opened or used on this page. */
export const sessionInUse = (): WorkSession | null => used;

export function holdSession(session: WorkSession): void {
  if (used === session) return;
  used = session;
  tell();
}

/** A session has ended. */
export function leaveSession(session: WorkSession): void {
  if (used !== session) return;
  used = null;
  tell();
}

/** Announces a terminal; answers how to take it back. */
export function takeSeat(seat: Seat): () => void {
  seats.add(seat);
  tell();
  return () => {
    seats.delete(seat);
    tell();
  };
}

/** A terminal of the page for this scene. */
export function seatFor(scene: string): Seat | null {
  for (const seat of seats) if (seat.scene === scene) return seat;
  return null;
}
