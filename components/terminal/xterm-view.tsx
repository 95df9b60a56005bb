'use client';
import '@xterm/xterm/css/xterm.css';
import { useTranslations } from 'next-intl';
import { useEffect, useId, useRef } from 'react';
import { Hidden } from '../ui/button.tsx';
import styles from './terminal.module.css';
import type { TerminalModel } from './terminal-model.ts';
import type { WorkSession } from './work-session.ts';
import { XtermScreen } from './xterm-screen.ts';

interface XtermViewProps {
  work: WorkSession;
  model: TerminalModel;
  /** Whether it is the one that is seen. */
  shown: boolean;
  /** Takes the focus when it is first drawn. */
  focus: boolean;
}

/** A terminal drawn by xterm. It stays while hidden, so that its scroll position does. */
export function XtermView({ work, model, shown, focus }: XtermViewProps) {
  const t = useTranslations('terminal');
  const element = useRef<HTMLDivElement>(null);
  const screen = useRef<XtermScreen | null>(null);
  const hint = useId();
  const takesFocus = useRef(false);
  takesFocus.current = focus && shown;
  const label = t('input', { host: model.host });
  useEffect(() => {
    const parent = element.current;
    if (!parent) return;
    let ended = false;
    // Cells are measured when the terminal opens: the font has to be there.
    const ready = document.fonts.load('13px "JetBrains Mono Variable"').catch(() => []);
    void ready.then(() => {
      if (ended) return;
      screen.current = new XtermScreen(model, parent, {
        label,
        describedBy: hint,
        onSkip: () => work.skip(),
        onResize: (cols, rows) => work.client.resize(model.term, cols, rows),
      });
      if (takesFocus.current) screen.current.focus();
    });
    return () => {
      ended = true;
      screen.current?.dispose();
      screen.current = null;
    };
  }, [model, work, label, hint]);
  useEffect(() => {
    if (shown) screen.current?.fit();
  }, [shown]);
  return (
    <div className={styles.screen} hidden={!shown}>
      <div ref={element} className={styles.xterm} />
      <span id={hint}>
        <Hidden>{t('leaveHint')}</Hidden>
      </span>
    </div>
  );
}
