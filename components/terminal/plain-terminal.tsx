'use client';
import { useTranslations } from 'next-intl';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import type { Key } from './keys.ts';
import { searchPrompt } from './line-search.ts';
import styles from './plain.module.css';
import { type Block, PlainLog } from './plain-log.ts';
import type { TerminalModel } from './terminal-model.ts';
import { useTerminalModel } from './use-work.ts';
import type { WorkSession } from './work-session.ts';

/** Keys of the input that are the terminal's; everything else is the browser's own editing. */
function toKey(event: KeyboardEvent<HTMLInputElement>): Key | null {
  if (event.nativeEvent.isComposing || event.altKey || event.metaKey) return null;
  if (event.ctrlKey) {
    switch (event.key.toLowerCase()) {
      case 'c':
        return event.currentTarget.selectionStart === event.currentTarget.selectionEnd ? { name: 'interrupt' } : null;
      case 'd':
        return { name: 'eof' };
      case 'l':
        return { name: 'clear' };
      case 'r':
        return { name: 'search' };
      case 'g':
        return { name: 'abort' };
      case 'i':
        return { name: 'tab' };
      default:
        return null;
    }
  }
  if (event.key === 'Enter') return { name: 'enter' };
  if (event.key === 'ArrowUp') return { name: 'up' };
  if (event.key === 'ArrowDown') return { name: 'down' };
  return null;
}

/** The terminal as a log and an input: for screen readers, phones, and whoever prefers it. */
export function PlainTerminal({ work, model }: { work: WorkSession; model: TerminalModel }) {
  const t = useTranslations('terminal');
  const input = useRef<HTMLInputElement>(null);
  const log = useRef<HTMLDivElement>(null);
  const [blocks, setBlocks] = useState<readonly Block[]>([]);
  const hint = useId();
  useTerminalModel(model);
  useEffect(() => {
    const ring = (): void => {
      input.current?.animate([{ background: 'var(--term-selection)' }, {}], 120);
    };
    const plain = new PlainLog(
      model,
      () => setBlocks(plain.blocks),
      ring,
      (fn) => requestAnimationFrame(fn),
    );
    setBlocks(plain.blocks);
    return () => plain.dispose();
  }, [model]);
  useEffect(() => {
    if (log.current && blocks.length > 0) log.current.scrollTop = log.current.scrollHeight;
  }, [blocks]);
  const { text, cursor, search } = model.editor;
  useEffect(() => {
    if (input.current && input.current.selectionStart !== cursor && input.current.value === text)
      input.current.setSelectionRange(cursor, cursor);
  }, [text, cursor]);
  const press = (key: Key): void => {
    model.key(key);
    input.current?.focus();
  };
  return (
    <div className={styles.plain}>
      <div
        ref={log}
        className={styles.log}
        role="log"
        aria-live="polite"
        aria-label={t('log', { host: model.host })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
      >
        {blocks.map((block) => (
          <span key={block.id}>{block.text}</span>
        ))}
      </div>
      <label className={styles.entry}>
        <span className={styles.prompt}>
          {search ? searchPrompt(search) : model.state === 'prompt' ? t('command') : t('line')}
        </span>
        <input
          ref={input}
          className={styles.input}
          value={text}
          aria-describedby={hint}
          autoCapitalize="none"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="send"
          onChange={(event) => {
            const { value, selectionStart } = event.target;
            if (search && value.length < text.length) model.key({ name: 'backspace' });
            else if (search)
              model.key({
                name: 'text',
                text: value.slice(selectionStart === null ? -1 : selectionStart - 1, selectionStart ?? undefined),
              });
            else model.setLine(value, selectionStart ?? value.length);
          }}
          onSelect={(event) => {
            const { selectionStart: at, value } = event.currentTarget;
            if (at !== null && !model.editor.search && value === model.editor.text && at !== model.editor.cursor)
              model.setLine(value, at);
          }}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData('text');
            if (!pasted.includes('\n')) return;
            event.preventDefault();
            model.key({ name: 'paste', text: pasted });
          }}
          onKeyDown={(event) => {
            if (event.key === 'F8') {
              event.preventDefault();
              work.skip();
              return;
            }
            const key = toKey(event);
            if (!key) return;
            event.preventDefault();
            model.key(key);
          }}
        />
      </label>
      <p id={hint} className={styles.hint}>
        {t('plainHint')}
      </p>
      <fieldset className={styles.keys} aria-label={t('keys')}>
        <Button small onClick={() => press({ name: 'tab' })}>
          Tab
        </Button>
        <Button small aria-label={t('older')} onClick={() => press({ name: 'up' })}>
          ↑
        </Button>
        <Button small aria-label={t('newer')} onClick={() => press({ name: 'down' })}>
          ↓
        </Button>
        <Button small onClick={() => press({ name: 'interrupt' })}>
          Ctrl-C
        </Button>
        <Button small onClick={() => press({ name: 'eof' })}>
          Ctrl-D
        </Button>
        {['|', '-', '/'].map((char) => (
          <Button
            small
            key={char}
            aria-label={t('insert', { char })}
            onClick={() => press({ name: 'text', text: char })}
          >
            {char}
          </Button>
        ))}
      </fieldset>
    </div>
  );
}
