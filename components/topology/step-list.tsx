'use client';
import { useTranslations } from 'next-intl';
import { useEffect, useRef } from 'react';
import type { HeaderView, TraceEvent } from '#sim/index.ts';
import { describeStep } from './step-words.ts';
import type { Step } from './steps.ts';
import styles from './topology.module.css';

interface StepListProps {
  steps: readonly Step[];
  at: number;
  onGo(step: number): void;
}

/** The steps in words, with table, chain, rule and verdict: the picture's text twin. */
export function StepList({ steps, at, onGo }: StepListProps) {
  const t = useTranslations('path');
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const box = list.current;
    const item = box?.children[at];
    if (!box || !(item instanceof HTMLElement)) return;
    const top = item.offsetTop;
    if (top < box.scrollTop || top + item.offsetHeight > box.scrollTop + box.clientHeight)
      box.scrollTop = top - box.clientHeight / 3;
  }, [at]);
  return (
    <ol ref={list} className={styles.steps} aria-label={t('steps')}>
      {steps.map((step, i) => {
        const before = steps[i - 1]?.event;
        const place = step.event.host === before?.host && step.event.ns === before.ns ? null : placeName(step.event);
        return (
          <li key={step.event.seq}>
            {place ? <p className={styles.place}>{place}</p> : null}
            <button
              type="button"
              className={styles.step}
              aria-current={i === at ? 'step' : undefined}
              data-kind={step.event.kind}
              tabIndex={i === at ? 0 : -1}
              onClick={() => onGo(i)}
            >
              <StepBody event={step.event} before={before} />
            </button>
          </li>
        );
      })}
    </ol>
  );
}

const placeName = (event: TraceEvent): string =>
  event.ns === event.host || event.ns.startsWith(`${event.host}:`) ? event.ns : `${event.host} · ${event.ns}`;

function StepBody({ event, before }: { event: TraceEvent; before: TraceEvent | undefined }) {
  const trace = useTranslations('trace');
  const changed = before ? changes(before.header, event.header) : [];
  return (
    <>
      <span className={styles.words}>
        {describeStep(event, trace, trace.has)}
        {verdictOf(event)}
      </span>
      {event.kind === 'hook' ? (
        <code>
          {`${event.family} ${event.table} ${event.chain}${event.rule > 0 ? ` #${event.rule}` : ''}`}
          {event.text === '' ? null : (
            <>
              <br />
              {event.text}
            </>
          )}
        </code>
      ) : null}
      {event.kind === 'route' && event.route !== '' ? <code>{event.route}</code> : null}
      {event.kind === 'drop' && event.text !== '' ? <code>{event.text}</code> : null}
      {event.kind === 'drop' && event.hint ? <span className={styles.hint}>{event.hint}</span> : null}
      {changed.map((line) => (
        <code key={line}>{line}</code>
      ))}
    </>
  );
}

function verdictOf(event: TraceEvent) {
  const verdict =
    event.kind === 'hook' || event.kind === 'policy' ? event.verdict : event.kind === 'drop' ? event.reason : '';
  return verdict === '' ? null : (
    <span className={styles.verdict} data-verdict={verdict}>
      {verdict}
    </span>
  );
}

const socket = (ip: string, port: number | undefined): string => (port === undefined ? ip : `${ip}:${port}`);

/** Header fields that this step changed, before and after. */
function changes(before: HeaderView, after: HeaderView): string[] {
  const lines: string[] = [];
  const compare = (name: string, a: string, b: string): void => {
    if (a !== b) lines.push(`${name} ${a} → ${b}`);
  };
  compare('src', socket(before.src, before.sport), socket(after.src, after.sport));
  compare('dst', socket(before.dst, before.dport), socket(after.dst, after.dport));
  if (before.proto === after.proto && before.ttl !== undefined && after.ttl !== undefined)
    compare('ttl', String(before.ttl), String(after.ttl));
  compare('mark', `0x${(before.mark ?? 0).toString(16)}`, `0x${(after.mark ?? 0).toString(16)}`);
  return lines;
}
