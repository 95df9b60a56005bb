'use client';
import { useTranslations } from 'next-intl';
import { lazy, Suspense, useId, useState } from 'react';
import { EarlyScreen } from './early-screen.tsx';
import { PlainTerminal } from './plain-terminal.tsx';
import { TabActions, Tabs } from './tabs.tsx';
import styles from './terminal.module.css';
import { Clock, Toolbar } from './toolbar.tsx';
import { useViewKind, useWork } from './use-work.ts';
import type { WorkSession } from './work-session.ts';

const XtermView = lazy(() => import('./xterm-view.tsx').then((m) => ({ default: m.XtermView })));
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
  // The prompt comes first; xterm is the largest part of a terminal and follows it.
  const [prompted, setPrompted] = useState(false);
  const panelId = useId();
  if (status === 'broken')
    return (
      <p role="alert" className={styles.broken}>
        {t('broken', { reason })}
      </p>
    );
  const early = active ? (
    <EarlyScreen
      model={active}
      label={t('input', { host: active.host })}
      focus={focus}
      onPrompt={() => setPrompted(true)}
    />
  ) : null;
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
        {kind === 'screen' && !prompted ? early : null}
        {kind === 'screen' && prompted ? (
          <Suspense fallback={early}>
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
