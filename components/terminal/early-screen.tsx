'use client';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { stripAnsi } from './ansi.ts';
import type { Key } from './keys.ts';
import styles from './terminal.module.css';
import type { TerminalModel } from './terminal-model.ts';
import { useTerminalModel } from './use-work.ts';

const NAMED: Record<string, Key['name']> = { Enter: 'enter', Backspace: 'backspace', ArrowUp: 'up', ArrowDown: 'down' };

function toKey(event: KeyboardEvent): Key | null {
  if (event.ctrlKey) return event.key === 'c' ? { name: 'interrupt' } : null;
  if (event.altKey || event.metaKey) return null;
  const name = NAMED[event.key];
  if (name) return { name } as Key;
  return [...event.key].length === 1 ? { name: 'text', text: event.key } : null;
}

const SHOWN = 8000;

interface EarlyScreenProps {
  model: TerminalModel;
  label: string;
  focus: boolean;
  /** The first prompt is on the screen. */
  onPrompt(): void;
}

/** The terminal while xterm is still on its way: the same text in the same place, and it takes keys already. */
export function EarlyScreen({ model, label, focus, onPrompt }: EarlyScreenProps) {
  const element = useRef<HTMLPreElement>(null);
  useTerminalModel(model);
  useEffect(() => {
    if (focus) element.current?.focus();
  }, [focus]);
  const prompted = model.prompt !== null;
  useEffect(() => {
    if (prompted) onPrompt();
  }, [prompted, onPrompt]);
  return (
    <pre
      ref={element}
      className={styles.early}
      role="application"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes keys, as the terminal that follows does
      tabIndex={0}
      onKeyDown={(event) => {
        const key = toKey(event);
        if (!key) return;
        event.preventDefault();
        model.key(key);
      }}
    >
      {stripAnsi(model.log).slice(-SHOWN)}
      {model.editor.text}
      <span className={styles.block}> </span>
    </pre>
  );
}
