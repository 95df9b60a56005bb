'use client';
import { useTranslations } from 'next-intl';
import { lazy, Suspense, useEffect, useId, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { PlainTerminal } from './plain-terminal.tsx';
import { TabActions, Tabs } from './tabs.tsx';
import styles from './terminal.module.css';
import { TerminalHelp } from './terminal-help.tsx';
import { useViewKind, useWork } from './use-work.ts';
import type { WorkSession } from './work-session.ts';

const XtermView = lazy(() => import('./xterm-view.tsx').then((m) => ({ default: m.XtermView })));
const PacketPathPanel = lazy(() => import('../topology/packet-path-panel.tsx').then((m) => ({ default: m.PacketPathPanel })));

interface TerminalPanelProps {
  work: WorkSession;
  /** Whether the packet's path can be opened here: not where a lesson shows it by itself. */
  withPath?: boolean;
  /** Takes the focus when it appears: after a click that opened it. */
  focus?: boolean;
}

/** The terminals of a scene: tabs, toolbar, the chosen view, and the packet's path below. */
export function TerminalPanel({ work, withPath = true, focus = false }: TerminalPanelProps) {
  const t = useTranslations('terminal');
  const { status, reason, tabs, active, restored } = useWork(work);
  const [kind, setKind] = useViewKind();
  const [path, setPath] = useState(false);
  const panelId = useId();
  if (status === 'broken') return <p role="alert" className={styles.broken}>{t('broken', { reason })}</p>;
  return (
    <section className={styles.panel} aria-label={t('title')}>
      <div className={styles.bar}>
        <Tabs work={work} panelId={panelId} />
        <TabActions work={work} />
        <Toolbar work={work} kind={kind} onKind={setKind} path={withPath ? path : null} onPath={() => setPath(!path)} />
      </div>
      {restored ? null : <p className={styles.notice} role="status">{t('notRestored')}</p>}
      <div className={styles.body} role="tabpanel" id={panelId} aria-labelledby={active ? `${panelId}-${active.term}` : undefined}>
        {kind === 'plain' && active ? <PlainTerminal key={active.term} work={work} model={active} /> : null}
        {kind === 'screen' ? (
          <Suspense fallback={<p className={styles.opening}>{t('opening')}</p>}>
            {tabs.map((model) => (
              <XtermView key={model.term} work={work} model={model} shown={model === active} focus={focus} />
            ))}
          </Suspense>
        ) : null}
      </div>
      <Clock work={work} />
      {path ? (
        <Suspense fallback={null}>
          <PacketPathPanel work={work} />
        </Suspense>
      ) : null}
    </section>
  );
}

interface ToolbarProps {
  work: WorkSession;
  kind: 'screen' | 'plain';
  onKind(kind: 'screen' | 'plain'): void;
  path: boolean | null;
  onPath(): void;
}

function Toolbar({ work, kind, onKind, path, onPath }: ToolbarProps) {
  const t = useTranslations('terminal');
  const [open, setOpen] = useState<'help' | 'reset' | null>(null);
  const [said, setSaid] = useState('');
  const undo = async (): Promise<void> => setSaid((await work.undo()) ? t('undone') : t('nothingToUndo'));
  const reset = (): void => {
    setOpen(null);
    setSaid(t('resetDone'));
    void work.reset();
  };
  return (
    <div className={styles.tools} role="toolbar" aria-label={t('tools')}>
      <Button small look="quiet" title={t('undoHelp')} onClick={() => void undo()}>{t('undo')}</Button>
      <Button small look="quiet" title={t('resetHelp')} onClick={() => setOpen('reset')}>{t('reset')}</Button>
      <SkipButton work={work} />
      {path === null ? null : <Button small look="quiet" aria-pressed={path} onClick={onPath}>{t('path')}</Button>}
      <Button small look="quiet" title={t('viewHelp')} onClick={() => onKind(kind === 'plain' ? 'screen' : 'plain')}>{kind === 'plain' ? t('toScreen') : t('toPlain')}</Button>
      <Button small look="quiet" aria-label={t('help.title')} title={t('help.title')} onClick={() => setOpen('help')}>?</Button>
      <span role="status" className={styles.said}>{said}</span>
      {open === 'help' ? <TerminalHelp onClose={() => setOpen(null)} /> : null}
      {open === 'reset' ? (
        <Dialog
          title={t('resetTitle')}
          onClose={() => setOpen(null)}
          actions={
            <>
              <Button onClick={() => setOpen(null)}>{t('keep')}</Button>
              <Button look="primary" onClick={reset}>{t('resetYes')}</Button>
            </>
          }
        >
          <p>{t('resetText')}</p>
        </Dialog>
      ) : null}
    </div>
  );
}

function SkipButton({ work }: { work: WorkSession }) {
  const t = useTranslations('terminal');
  const { waiting } = useWork(work);
  return (
    <Button small look="quiet" shortcut="F8" title={t('skipHelp')} aria-disabled={!waiting} className={waiting ? styles.lit : styles.dim} onClick={() => work.skip()}>
      {t('skip')}
    </Button>
  );
}

/** Virtual time, said quietly. */
function Clock({ work }: { work: WorkSession }) {
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
  return <p className={styles.clock} title={t('clockHelp')}>{t('clock', { seconds: (shown / 1e6).toFixed(1) })}</p>;
}
