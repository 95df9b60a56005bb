'use client';
import { useTranslations } from 'next-intl';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { TopologySnapshot, TraceEvent } from '#sim/index.ts';
import type { WorkSession } from '../terminal/work-session.ts';
import { Button } from '../ui/button.tsx';
import { Inline } from '../ui/inline.tsx';
import type { ExerciseView, VerdictView } from './types.ts';
import styles from './workspace.module.css';

const PacketPath = lazy(() => import('../topology/packet-path.tsx').then((m) => ({ default: m.PacketPath })));

interface ChecksProps {
  exercise: ExerciseView;
  verdict: VerdictView | null;
  work: WorkSession | null;
}

/** What is asked for, and, once checked, what holds and what does not, with the packet that shows it. */
export function Checks({ exercise, verdict, work }: ChecksProps) {
  const t = useTranslations('exercise');
  return (
    <ul className={styles.list}>
      {exercise.checks.map((check) => {
        const result = verdict?.checks.find((c) => c.id === check.id);
        const state = result ? (result.passed ? 'passed' : 'failed') : 'open';
        return (
          <li key={check.id} className={styles.check} data-state={state}>
            <span role="img" className={styles.mark} aria-label={t(`state.${state}`)}>
              {{ passed: '✓', failed: '✗', open: '○' }[state]}
            </span>
            <div>
              <p>
                <Inline>{check.says}</Inline>
              </p>
              {result && !result.passed ? (
                <>
                  <p className={styles.message}>
                    <Inline>{result.message}</Inline>
                  </p>
                  {result.observed === '' ? null : <p className={styles.observed}>{result.observed}</p>}
                  {result.trace && work ? <CounterExample trace={result.trace} work={work} /> : null}
                </>
              ) : null}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/** The packet that did not get through, on the learner's own network. */
function CounterExample({ trace, work }: { trace: TraceEvent[]; work: WorkSession }) {
  const t = useTranslations('exercise');
  const [open, setOpen] = useState(false);
  const [topology, setTopology] = useState<TopologySnapshot | null>(null);
  useEffect(() => {
    if (!open) return;
    work.client.topology().then(setTopology, () => {});
  }, [open, work]);
  return (
    <div className={styles.example}>
      <Button small aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? t('hidePacket') : t('showPacket')}
      </Button>
      {open && topology ? (
        <Suspense fallback={null}>
          <div className={styles.packet}>
            <PacketPath events={trace} topology={topology} atDrop />
          </div>
        </Suspense>
      ) : null}
    </div>
  );
}
