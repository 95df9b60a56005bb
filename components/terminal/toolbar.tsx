'use client';
import { useTranslations } from 'next-intl';
import { useEffect, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import styles from './terminal.module.css';
import { TerminalHelp } from './terminal-help.tsx';
import { useWork } from './use-work.ts';
import type { WorkSession } from './work-session.ts';

/** How long a notice stays, ms. */
const SAID_FOR = 5000;

interface ToolbarProps {
  work: WorkSession;
  kind: 'screen' | 'plain';
  onKind(kind: 'screen' | 'plain'): void;
  path: boolean | null;
  onPath(): void;
}

/** What can be done with the terminals: undo, reset, skip waiting, the path, the other view, help. */
export function Toolbar({ work, kind, onKind, path, onPath }: ToolbarProps) {
  const t = useTranslations('terminal');
  const [open, setOpen] = useState<'help' | 'reset' | null>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => setSaid(''), SAID_FOR);
    return () => clearTimeout(timer);
  }, [said]);
  const undo = async (): Promise<void> => setSaid((await work.undo()) ? t('undone') : t('nothingToUndo'));
  const reset = (): void => {
    setOpen(null);
    setSaid(t('resetDone'));
    void work.reset();
  };
  return (
    <fieldset className={styles.tools} aria-label={t('tools')}>
      <Button small look="quiet" title={t('undoHelp')} onClick={() => void undo()}>
        {t('undo')}
      </Button>
      <Button small look="quiet" title={t('resetHelp')} onClick={() => setOpen('reset')}>
        {t('reset')}
      </Button>
      <SkipButton work={work} />
      {path === null ? null : (
        <Button small look="quiet" aria-pressed={path} onClick={onPath}>
          {t('path')}
        </Button>
      )}
      <Button small look="quiet" title={t('viewHelp')} onClick={() => onKind(kind === 'plain' ? 'screen' : 'plain')}>
        {kind === 'plain' ? t('toScreen') : t('toPlain')}
      </Button>
      <Button small look="quiet" aria-label={t('help.title')} title={t('help.title')} onClick={() => setOpen('help')}>
        ?
      </Button>
      <span role="status" className={styles.said}>
        {said}
      </span>
      {open === 'help' ? <TerminalHelp onClose={() => setOpen(null)} /> : null}
      {open === 'reset' ? (
        <Dialog
          title={t('resetTitle')}
          onClose={() => setOpen(null)}
          actions={
            <>
              <Button onClick={() => setOpen(null)}>{t('keep')}</Button>
              <Button look="primary" onClick={reset}>
                {t('resetYes')}
              </Button>
            </>
          }
        >
          <p>{t('resetText')}</p>
        </Dialog>
      ) : null}
    </fieldset>
  );
}

function SkipButton({ work }: { work: WorkSession }) {
  const t = useTranslations('terminal');
  const { waiting } = useWork(work);
  return (
    <Button
      small
      look="quiet"
      shortcut="F8"
      title={t('skipHelp')}
      aria-disabled={!waiting}
      className={waiting ? styles.lit : styles.dim}
      onClick={() => work.skip()}
    >
      {t('skip')}
    </Button>
  );
}

/** Virtual time, said quietly. */
export function Clock({ work }: { work: WorkSession }) {
  const t = useTranslations('terminal');
  const { now, waiting } = useWork(work);
  const [shown, setShown] = useState(now);
  useEffect(() => {
    setShown(now);
    if (!waiting) return;
    const began = performance.now();
    const timer = setInterval(() => setShown(now + (performance.now() - began) * 1000), 100);
    return () => clearInterval(timer);
  }, [now, waiting]);
  return (
    <p className={styles.clock} title={t('clockHelp')}>
      {t('clock', { seconds: (shown / 1e6).toFixed(1) })}
    </p>
  );
}
