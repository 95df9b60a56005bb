'use client';
import { useTranslations } from 'next-intl';
import { type KeyboardEvent, useRef, useState } from 'react';
import { Button } from '../ui/button.tsx';
import styles from './terminal.module.css';
import type { TerminalModel } from './terminal-model.ts';
import { useTerminalModel, useWork } from './use-work.ts';
import type { WorkSession } from './work-session.ts';

/** The name of a tab: its host, numbered when a host has several. */
function tabName(tabs: readonly TerminalModel[], model: TerminalModel): string {
  const same = tabs.filter((m) => m.host === model.host);
  return same.length > 1 ? `${model.host} ${same.indexOf(model) + 1}` : model.host;
}

/** Puts the focus into the terminal that is seen. */
function enterPanel(panelId: string): void {
  requestAnimationFrame(() => {
    const inputs = document.getElementById(panelId)?.querySelectorAll<HTMLElement>('textarea, input') ?? [];
    [...inputs].find((input) => input.closest('[hidden]') === null)?.focus();
  });
}

/** One tab for each terminal; arrow keys move between them. */
export function Tabs({ work, panelId }: { work: WorkSession; panelId: string }) {
  const t = useTranslations('terminal');
  const { tabs, active } = useWork(work);
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent<HTMLDivElement>): void => {
    const at = tabs.indexOf(active as TerminalModel);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    work.select(next.term);
    list.current?.querySelector<HTMLElement>(`[data-term="${next.term}"]`)?.focus();
  };
  return (
    <div ref={list} className={styles.tabs} role="tablist" aria-label={t('tabs')} onKeyDown={move}>
      {tabs.map((model) => (
        <Tab
          key={model.term}
          work={work}
          model={model}
          name={tabName(tabs, model)}
          selected={model === active}
          panelId={panelId}
        />
      ))}
    </div>
  );
}

interface TabProps {
  work: WorkSession;
  model: TerminalModel;
  name: string;
  selected: boolean;
  panelId: string;
}

function Tab({ work, model, name, selected, panelId }: TabProps) {
  const t = useTranslations('terminal');
  useTerminalModel(model);
  const busy = model.state === 'running' || model.state === 'reading';
  return (
    <button
      type="button"
      role="tab"
      id={`${panelId}-${model.term}`}
      data-term={model.term}
      className={styles.tab}
      aria-selected={selected}
      aria-controls={panelId}
      tabIndex={selected ? 0 : -1}
      onClick={() => {
        work.select(model.term);
        enterPanel(panelId);
      }}
    >
      <span className={styles.dot} data-state={model.state} title={busy ? t('busy') : undefined} />
      {name}
    </button>
  );
}

/** Opens a terminal on a host of the scene, and puts the active one away. */
export function TabActions({ work, panelId }: { work: WorkSession; panelId: string }) {
  const t = useTranslations('terminal');
  const { hosts, tabs, active } = useWork(work);
  const [choosing, setChoosing] = useState(false);
  const open = (host: string): void => {
    setChoosing(false);
    void work.openTab(host).then(() => enterPanel(panelId));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape in the list of hosts closes it
    <div
      className={styles.adding}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setChoosing(false);
      }}
    >
      <Button
        look="quiet"
        small
        aria-label={t('add')}
        title={t('add')}
        aria-expanded={hosts.length > 1 ? choosing : undefined}
        disabled={work.isFull()}
        onClick={() => (hosts.length === 1 ? open(hosts[0] as string) : setChoosing(!choosing))}
      >
        +
      </Button>
      <Button
        look="quiet"
        small
        aria-label={t('close')}
        title={t('close')}
        disabled={tabs.length < 2}
        onClick={() => active && work.closeTab(active.term)}
      >
        ×
      </Button>
      {choosing ? (
        <div className={styles.hosts}>
          {hosts.map((host) => (
            <Button look="quiet" small key={host} onClick={() => open(host)}>
              {host}
            </Button>
          ))}
        </div>
      ) : null}
    </div>
  );
}
