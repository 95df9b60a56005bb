'use client';
import { useTranslations } from 'next-intl';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { TopologySnapshot, TraceEvent } from '#sim/index.ts';
import { type FlowTrace, flowName, flowsOf, lastFlow, type PacketTrace, packetsOf } from '#worker/trace.ts';
import { Button } from '../ui/button.tsx';
import { layOut } from './layout.ts';
import { StepList } from './step-list.tsx';
import { scopeOf, stepsOf } from './steps.ts';
import styles from './topology.module.css';
import { TopologyView } from './topology-view.tsx';

interface PacketPathProps {
  events: readonly TraceEvent[];
  topology: TopologySnapshot;
  /** Opens where a packet was dropped, instead of at the beginning of the last one. */
  atDrop?: boolean;
}

const MAX_FLOWS = 30;
const PLAY_EVERY = 1100;

const UNSPECIFIED = new Set(['0.0.0.0', '::']);

/** A packet is named by its addresses; its source is chosen only after it is born. */
const nameOf = ({ events, first }: PacketTrace): string =>
  flowName(events.find((e) => !UNSPECIFIED.has(e.header.src) && e.header.proto === first.proto)?.header ?? first);

/** Router and neighbour discovery, multicast reports: hosts send and ignore them all the time. */
const isBackground = ({ first }: PacketTrace): boolean =>
  first.proto === 'ICMP6' && /^type (?:13[0-7]|143) /.test(first.info ?? '');

const isLost = ({ request, reply }: FlowTrace): boolean =>
  request.outcome === 'dropped' || reply?.outcome === 'dropped';

/** One packet's way, step by step: the picture, and the list of steps that says the same in words. */
export function PacketPath({ events, topology, atDrop = false }: PacketPathProps) {
  const t = useTranslations('path');
  const flows = useMemo(() => flowsOf(packetsOf(events).filter((p) => !isBackground(p))).slice(-MAX_FLOWS), [events]);
  const lost = atDrop ? flows.findLast(isLost) : undefined;
  const newest = lost ?? lastFlow(flows);
  const [chosen, setChosen] = useState<number | null>(null);
  const [side, setSide] = useState<'request' | 'reply'>(
    lost && lost.request.outcome !== 'dropped' ? 'reply' : 'request',
  );
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
            <option key={f.request.id} value={f.request.id}>
              {nameOf(f.request)}
            </option>
          ))}
        </select>
        <fieldset aria-label={t('direction')} className={styles.sides}>
          <Button small aria-pressed={packet === flow.request} onClick={() => setSide('request')}>
            {t('request')}
          </Button>
          <Button small aria-pressed={packet !== flow.request} disabled={!flow.reply} onClick={() => setSide('reply')}>
            {t('reply')}
          </Button>
        </fieldset>
        {newest && flow !== newest ? (
          <Button small onClick={() => setChosen(null)}>
            {t('latest')}
          </Button>
        ) : null}
        <span className={styles.outcome} data-outcome={packet.outcome}>
          {t(`outcome.${packet.outcome === 'on its way' ? 'underway' : packet.outcome}`)}
        </span>
      </div>
      <Walk
        key={`${packet.id} ${packet.events.length}`}
        packet={packet}
        both={flow.reply ? [flow.request, flow.reply] : [flow.request]}
        topology={topology}
        atEnd={atDrop}
        onStep={() => setChosen(flow.request.id)}
      />
    </section>
  );
}

interface WalkProps {
  packet: PacketTrace;
  both: PacketTrace[];
  topology: TopologySnapshot;
  atEnd: boolean;
  /** The learner steps: newer packets do not take this one's place. */
  onStep(): void;
}

function Walk({ packet, both, topology, atEnd, onStep }: WalkProps) {
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
  const trail = steps
    .slice(0, at + 1)
    .flatMap((s, i) => (s.node === null || s.node === steps[i - 1]?.node ? [] : [s.node]));
  const go = (to: number): void => {
    onStep();
    setAt(Math.max(0, Math.min(last, to)));
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setPlaying(false);
    go(to);
  };
  const play = (): void => {
    onStep();
    if (at === last) setAt(0);
    setPlaying(!playing);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys work wherever the focus is in picture, list or controls
    <div className={styles.walk} onKeyDown={onKey}>
      <div className={styles.left}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <section ref={scroller} className={styles.scroller} tabIndex={0} aria-label={t('picture')}>
          <TopologyView
            layout={layout}
            label={t('pictureLabel', { name: nameOf(packet), step: at + 1, count: steps.length })}
            trail={trail}
            outcome={at === last ? packet.outcome : 'on its way'}
          />
        </section>
        <fieldset className={styles.controls} aria-label={t('controls')}>
          <Button
            small
            aria-label={t('first')}
            title={`${t('first')} (Home)`}
            disabled={at === 0}
            onClick={() => go(0)}
          >
            |←
          </Button>
          <Button
            small
            aria-label={t('previous')}
            title={`${t('previous')} (←)`}
            disabled={at === 0}
            onClick={() => go(at - 1)}
          >
            ←
          </Button>
          <Button small onClick={play}>
            {playing ? t('pause') : t('play')}
          </Button>
          <Button
            small
            aria-label={t('next')}
            title={`${t('next')} (→)`}
            disabled={at === last}
            onClick={() => go(at + 1)}
          >
            →
          </Button>
          <Button
            small
            aria-label={t('last')}
            title={`${t('last')} (End)`}
            disabled={at === last}
            onClick={() => go(last)}
          >
            →|
          </Button>
          <span className={styles.count}>{t('count', { step: at + 1, count: steps.length })}</span>
        </fieldset>
      </div>
      <StepList steps={steps} at={at} onGo={go} />
    </div>
  );
}
