'use client';
import { useState, useSyncExternalStore } from 'react';
import { Button } from '../ui/button.tsx';
import type { Labels } from '../ui/labels.ts';
import { listenToDesk, seatFor } from './desk.ts';
import styles from './lesson.module.css';

interface RunActionsProps {
  scene: string;
  host: string;
  commands: string[];
  labels: Labels<'copy' | 'copied' | 'tryIt'>;
}

/** Copies the commands of a block, or types them into a terminal of the page. */
export function RunActions({ scene, host, commands, labels }: RunActionsProps) {
  const [copied, setCopied] = useState(false);
  const seat = useSyncExternalStore(
    listenToDesk,
    () => seatFor(scene),
    () => null,
  );
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(commands.join('\n'));
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <span className={styles.runActions}>
      <Button small look="quiet" onClick={() => void copy()}>
        {labels.copy}
      </Button>
      {seat ? (
        <Button small look="quiet" onClick={() => seat.run(host, commands)}>
          {labels.tryIt}
        </Button>
      ) : null}
      <span role="status" className={styles.copied}>
        {copied ? labels.copied : ''}
      </span>
    </span>
  );
}
