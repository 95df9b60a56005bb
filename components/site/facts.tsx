import { getTranslations } from 'next-intl/server';
import styles from './facts.module.css';

const DOTS = [1, 2, 3, 4, 5];

/** Level and length of a lesson or an exercise. */
export async function Facts({ level, minutes, note }: { level: number; minutes: number; note?: string }) {
  const t = await getTranslations('site');
  return (
    <span className={styles.facts}>
      <span
        className={styles.level}
        role="img"
        aria-label={t('levelHelp', { level })}
        title={t('levelHelp', { level })}
      >
        {DOTS.map((dot) => (
          <i key={dot} className={dot <= level ? styles.on : undefined} />
        ))}
      </span>
      <span>{t('minutes', { minutes })}</span>
      {note ? <span>{note}</span> : null}
    </span>
  );
}

export type State = 'new' | 'started' | 'done';

/** How far something is: a shape and a word, never colour alone. */
export function Status({ state, label }: { state: State; label: string }) {
  return (
    <span className={`${styles.status} ${styles[state]}`}>
      <svg
        viewBox="0 0 16 16"
        width="16"
        height="16"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
      >
        <circle cx="8" cy="8" r="6.2" fill={state === 'done' ? 'currentColor' : 'none'} />
        {state === 'done' ? (
          <path d="m5.2 8.2 2 2 3.7-4.2" stroke="var(--surface)" strokeLinecap="round" strokeLinejoin="round" />
        ) : null}
        {state === 'started' ? <path d="M8 1.8a6.2 6.2 0 0 1 0 12.4Z" fill="currentColor" stroke="none" /> : null}
      </svg>
      {label}
    </span>
  );
}

/** A bar of parts done. */
export function Bar({ done, total, label }: { done: number; total: number; label: string }) {
  return (
    <div className={styles.bar}>
      <progress value={done} max={Math.max(1, total)} aria-label={label} />
      <span>{label}</span>
    </div>
  );
}
