'use client';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { TerminalModel } from './terminal-model.ts';
import type { WorkSession, WorkState } from './work-session.ts';

/** The session's state, kept current. */
export const useWork = (work: WorkSession): WorkState =>
  useSyncExternalStore(work.listen, work.snapshot, work.snapshot);

/** Renders again when the terminal's line or state changes. */
export function useTerminalModel(model: TerminalModel): void {
  const [, render] = useState(0);
  useEffect(() => model.listen(() => render((n) => n + 1)), [model]);
}

const VIEW_KEY = 'flatnet.terminal.view';
export type ViewKind = 'screen' | 'plain';

/** Which view the learner chose; on phones and touch screens the plain one unless told otherwise. */
export function preferredView(): ViewKind {
  const kept = read(VIEW_KEY);
  if (kept === 'screen' || kept === 'plain') return kept;
  return matchMedia('(pointer: coarse), (max-width: 640px)').matches ? 'plain' : 'screen';
}

/** The view, and how to choose the other: the choice is remembered. */
export function useViewKind(): [ViewKind, (kind: ViewKind) => void] {
  const [kind, setKind] = useState<ViewKind>(preferredView);
  const choose = (next: ViewKind): void => {
    setKind(next);
    try {
      localStorage.setItem(VIEW_KEY, next);
    } catch {
      // Storage may be closed to the page: the choice then lasts as long as the page.
    }
  };
  return [kind, choose];
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
