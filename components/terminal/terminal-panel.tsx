'use client';
import { useTranslations } from 'next-intl';
import { lazy, Suspense, useId, useState } from 'react';
import { EarlyScreen } from './early-screen.tsx';
import { PlainTerminal } from './plain-terminal.tsx';
import { TabActions, Tabs } from './tabs.tsx';
import styles from './terminal.module.css';
import { Clock, Toolbar } from './toolbar.tsx';
import { preferredView, useViewKind, useWork } from './use-work.ts';
import type { WorkSession } from './work-session.ts';

const loadXterm = () => import('./xterm-view.tsx').then((m) => ({ default: m.XtermView }));
const XtermView = lazy(loadXterm);
// It is the largest part: begun at once, beside the engine.
if (typeof window !== 'undefined' && preferredView() === 'screen') void loadXterm();
const PacketPathPanel = lazy(() =>
  import('../topology/packet-path-panel.tsx').then((m) => ({ default: m.PacketPathPanel })),
);

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
  if (status === 'broken')
    return (
      <p role="alert" className={styles.broken}>
        {t('broken', { reason })}
      </p>
    );
  return (
    <section className={styles.panel} aria-label={t('title')}>
      <div className={styles.bar}>
        <Tabs work={work} panelId={panelId} />
        <TabActions work={work} panelId={panelId} />
        <Toolbar work={work} kind={kind} onKind={setKind} path={withPath ? path : null} onPath={() => setPath(!path)} />
      </div>
      {restored ? null : (
        <p className={styles.notice} role="status">
          {t('notRestored')}
        </p>
      )}
      <div
        className={styles.body}
        role="tabpanel"
        id={panelId}
        aria-labelledby={active ? `${panelId}-${active.term}` : undefined}
      >
        {kind === 'plain' && active ? <PlainTerminal key={active.term} work={work} model={active} /> : null}
        {kind === 'screen' ? (
          <Suspense
            fallback={
              active ? <EarlyScreen model={active} label={t('input', { host: active.host })} focus={focus} /> : null
            }
          >
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
