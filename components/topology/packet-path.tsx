'use client';
import { useTranslations } from 'next-intl';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { TopologySnapshot, TraceEvent } from '#sim/index.ts';
import { Button } from '../ui/button.tsx';
import { flowName, flowsOf, lastFlow, type PacketTrace, packetsOf } from './flows.ts';
import { layOut } from './layout.ts';
import { StepList } from './step-list.tsx';
import { scopeOf, stepsOf } from './steps.ts';
import styles from './topology.module.css';
import { TopologyView } from './topology-view.tsx';

interface PacketPathProps {
  events: readonly TraceEvent[];
  topology: TopologySnapshot;
  /** Opens at the end: for a packet that was dropped, where it was. */
  atEnd?: boolean;
}

const MAX_FLOWS = 30;
const PLAY_EVERY = 1100;

/** One packet's way, step by step: the picture, and the list of steps that says the same in words. */
export function PacketPath({ events, topology, atEnd = false }: PacketPathProps) {
  const t = useTranslations('path');
  const flows = useMemo(() => flowsOf(packetsOf(events)).slice(-MAX_FLOWS), [events]);
  const newest = lastFlow(flows);
  const [chosen, setChosen] = useState<number | null>(null);
  const [side, setSide] = useState<'request' | 'reply'>('request');
  const flow = flows.find((f) => f.request.id === chosen) ?? newest;
  const packet = side === 'reply' && flow?.reply ? flow.reply : flow?.request;
  const selectId = useId();
  if (!flow || !packet) return <p className={styles.empty}>{t('empty')}</p>;
  return (
    <section className={styles.path} aria-label={t('title')}>
      <div className={styles.head}>
        <label htmlFor={selectId}>{t('packet')}</label>
        <select
          id={selectId}
          value={flow.request.id}
          onChange={(event) => {
            setChosen(Number(event.target.value));
            setSide('request');
          }}
        >
          {[...flows].reverse().map((f) => (
            <option key={f.request.id} value={f.request.id}>{flowName(f.request)}</option>
          ))}
        </select>
        <div role="group" aria-label={t('direction')} className={styles.sides}>
          <Button small aria-pressed={packet === flow.request} onClick={() => setSide('request')}>{t('request')}</Button>
          <Button small aria-pressed={packet !== flow.request} disabled={!flow.reply} onClick={() => setSide('reply')}>{t('reply')}</Button>
        </div>
        <span className={styles.outcome} data-outcome={packet.outcome}>{t(`outcome.${packet.outcome === 'on its way' ? 'underway' : packet.outcome}`)}</span>
      </div>
      <Walk key={`${packet.id} ${packet.events.length}`} packet={packet} both={flow.reply ? [flow.request, flow.reply] : [flow.request]} topology={topology} atEnd={atEnd} />
    </section>
  );
}

interface WalkProps {
  packet: PacketTrace;
  both: PacketTrace[];
  topology: TopologySnapshot;
  atEnd: boolean;
}

function Walk({ packet, both, topology, atEnd }: WalkProps) {
  const t = useTranslations('path');
  const layout = useMemo(() => layOut(topology, scopeOf(both)), [topology, both]);
  const steps = useMemo(() => stepsOf(packet, layout), [packet, layout]);
  const last = steps.length - 1;
  const [at, setAt] = useState(atEnd ? last : 0);
  const [playing, setPlaying] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => setAt((n) => Math.min(n + 1, last)), PLAY_EVERY);
    return () => clearInterval(timer);
  }, [playing, last]);
  useEffect(() => {
    if (at === last) setPlaying(false);
  }, [at, last]);
  const node = steps[at]?.node ?? null;
  useEffect(() => {
    const box = scroller.current;
    const place = node === null ? undefined : layout.nodes.get(node);
    if (!box || !place) return;
    const scale = box.scrollWidth / layout.width;
    box.scrollLeft = place.x * scale - box.clientWidth / 2;
  }, [node, layout]);
  const trail = steps.slice(0, at + 1).flatMap((s, i) => (s.node === null || s.node === steps[i - 1]?.node ? [] : [s.node]));
  const go = (to: number): void => setAt(Math.max(0, Math.min(last, to)));
  const onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setPlaying(false);
    go(to);
  };
  const play = (): void => {
    if (at === last) setAt(0);
    setPlaying(!playing);
  };
  return (
    <div className={styles.walk} onKeyDown={onKey}>
      <div className={styles.left}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <div ref={scroller} className={styles.scroller} tabIndex={0} role="group" aria-label={t('picture')}>
          <TopologyView layout={layout} label={t('pictureLabel', { name: flowName(packet), step: at + 1, count: steps.length })} trail={trail} outcome={at === last ? packet.outcome : 'on its way'} />
        </div>
        <div className={styles.controls} role="toolbar" aria-label={t('controls')}>
          <Button small aria-label={t('first')} title={`${t('first')} (Home)`} disabled={at === 0} onClick={() => go(0)}>⏮</Button>
          <Button small aria-label={t('previous')} title={`${t('previous')} (←)`} disabled={at === 0} onClick={() => go(at - 1)}>←</Button>
          <Button small onClick={play}>{playing ? t('pause') : t('play')}</Button>
          <Button small aria-label={t('next')} title={`${t('next')} (→)`} disabled={at === last} onClick={() => go(at + 1)}>→</Button>
          <Button small aria-label={t('last')} title={`${t('last')} (End)`} disabled={at === last} onClick={() => go(last)}>⏭</Button>
          <span className={styles.count}>{t('count', { step: at + 1, count: steps.length })}</span>
        </div>
      </div>
      <StepList steps={steps} at={at} onGo={go} />
    </div>
  );
}
