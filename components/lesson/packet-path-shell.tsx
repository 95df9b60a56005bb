'use client';
import { lazy, Suspense, useSyncExternalStore } from 'react';
import type { IntlProps } from '../ui/intl-island.tsx';
import { listenToDesk, sessionInUse } from './desk.ts';
import styles from './lesson.module.css';

const LessonPath = lazy(() => import('./lesson-path.tsx').then((m) => ({ default: m.LessonPath })));

/** The place of the packet's path in a lesson: it fills once a terminal of the page is open. */
export function PacketPathShell({ intl, empty }: { intl: IntlProps; empty: string }) {
  const session = useSyncExternalStore(listenToDesk, sessionInUse, () => null);
  if (!session) return <p className={styles.pathEmpty}>{empty}</p>;
  return (
    <div className={styles.path}>
      <Suspense fallback={<p className={styles.pathEmpty}>{empty}</p>}>
        <LessonPath work={session} intl={intl} />
      </Suspense>
    </div>
  );
}
