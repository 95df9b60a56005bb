'use client';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import type { TopologySnapshot, TraceEvent } from '#sim/index.ts';
import { useWork } from '../terminal/use-work.ts';
import type { WorkSession } from '../terminal/work-session.ts';
import { PacketPath } from './packet-path.tsx';
import styles from './topology.module.css';

/** Looks for new packets this often at most, ms. */
const REFRESH = 250;

/** The way of the last packet of a session, kept current as commands run. */
export function PacketPathPanel({ work }: { work: WorkSession }) {
  const t = useTranslations('path');
  const { revision, status } = useWork(work);
  const [seen, setSeen] = useState<{ events: TraceEvent[]; topology: TopologySnapshot } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision is what asks for a new look
  useEffect(() => {
    if (status !== 'ready') return;
    let gone = false;
    const timer = setTimeout(() => {
      void Promise.all([work.client.trace(), work.client.topology()]).then(
        ([events, topology]) => {
          if (!gone)
            setSeen((was) =>
              was && was.events.at(-1)?.seq === events.at(-1)?.seq
                ? { events: was.events, topology }
                : { events, topology },
            );
        },
        () => {},
      );
    }, REFRESH);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [work, revision, status]);
  if (!seen || seen.events.length === 0) return <p className={styles.empty}>{t('empty')}</p>;
  return <PacketPath events={seen.events} topology={seen.topology} />;
}
