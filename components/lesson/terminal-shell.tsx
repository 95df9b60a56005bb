'use client';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import type { IntlProps } from '../ui/intl-island.tsx';
import type { Labels } from '../ui/labels.ts';
import { takeSeat } from './desk.ts';
import styles from './lesson.module.css';

const load = () => import('./lesson-terminal.tsx').then((m) => ({ default: m.LessonTerminal }));
const LessonTerminal = lazy(load);

export interface TerminalShellProps {
  scene: string;
  seed: number;
  /** Hosts whose tabs are open at the start, the active one first. */
  terminals: string[];
  intl: IntlProps;
  labels: Labels<'open' | 'opening' | 'about' | 'title'>;
}

/** A closed terminal: a button. Engine and terminal are loaded when it is pressed. */
export function TerminalShell({ scene, seed, terminals, intl, labels }: TerminalShellProps) {
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState<{ host: string; lines: readonly string[]; id: number } | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(
    () =>
      takeSeat({
        scene,
        run: (host, lines) => {
          setOpen(true);
          setWanted((was) => ({ host, lines, id: (was?.id ?? 0) + 1 }));
          frame.current?.scrollIntoView({
            block: 'nearest',
            behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth',
          });
        },
      }),
    [scene],
  );
  return (
    <div ref={frame} className={styles.terminal}>
      {open ? (
        <Suspense
          fallback={
            <p className={styles.opening} role="status">
              {labels.opening}
            </p>
          }
        >
          <LessonTerminal scene={scene} seed={seed} terminals={terminals} intl={intl} wanted={wanted} />
        </Suspense>
      ) : (
        <div className={styles.closed}>
          <p>{labels.about}</p>
          <Button look="primary" onPointerEnter={load} onFocus={load} onClick={() => setOpen(true)}>
            {labels.open}
          </Button>
        </div>
      )}
    </div>
  );
}
