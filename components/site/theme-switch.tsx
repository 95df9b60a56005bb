'use client';
import { useState } from 'react';
import styles from './header.module.css';
import { THEME_COOKIE, type Theme } from './theme.ts';

const YEAR = 365 * 24 * 3600;
const NEXT = { system: 'light', light: 'dark', dark: 'system' } as const;

interface ThemeSwitchProps {
  theme: Theme | null;
  labels: Record<'system' | Theme, string>;
}

/** Turns from the system's theme to light, to dark, and back. The server reads the choice from the cookie. */
export function ThemeSwitch({ theme, labels }: ThemeSwitchProps) {
  const [choice, setChoice] = useState<'system' | Theme>(theme ?? 'system');
  const turn = (): void => {
    const next = NEXT[choice];
    setChoice(next);
    if (next === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = next;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
    document.cookie = `${THEME_COOKIE}=${next === 'system' ? '' : next}; Path=/; SameSite=Lax; Max-Age=${next === 'system' ? 0 : YEAR}`;
  };
  return (
    <button type="button" className={styles.icon} onClick={turn} aria-label={labels[choice]} title={labels[choice]}>
      <svg
        viewBox="0 0 20 20"
        width="18"
        height="18"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        {choice === 'light' ? (
          <>
            <circle cx="10" cy="10" r="3.4" />
            <path d="M10 1.8v2M10 16.2v2M1.8 10h2M16.2 10h2M4.2 4.2l1.4 1.4M14.4 14.4l1.4 1.4M4.2 15.8l1.4-1.4M14.4 5.6l1.4-1.4" />
          </>
        ) : null}
        {choice === 'dark' ? <path d="M16.8 12.4A7.2 7.2 0 0 1 7.6 3.2a7.2 7.2 0 1 0 9.2 9.2Z" /> : null}
        {choice === 'system' ? (
          <>
            <circle cx="10" cy="10" r="7.2" />
            <path d="M10 2.8a7.2 7.2 0 0 1 0 14.4Z" fill="currentColor" />
          </>
        ) : null}
      </svg>
    </button>
  );
}
