'use client';
import { useEffect, useRef, useState } from 'react';
import { workerPort } from '#worker/worker-port.ts';
import { TerminalPanel } from '../terminal/terminal-panel.tsx';
import { WorkSession } from '../terminal/work-session.ts';
import { IntlIsland, type IntlProps } from '../ui/intl-island.tsx';
import { holdSession, leaveSession } from './desk.ts';

interface LessonTerminalProps {
  scene: string;
  seed: number;
  terminals: string[];
  intl: IntlProps;
  wanted: { host: string; lines: readonly string[]; id: number } | null;
}

/** An open terminal in a lesson: a session of its own, begun anew with each visit. */
export function LessonTerminal({ scene, seed, terminals, intl, wanted }: LessonTerminalProps) {
  const [work, setWork] = useState<WorkSession | null>(null);
  const done = useRef(0);
  const hosts = terminals.join(',');
  useEffect(() => {
    const session = new WorkSession(workerPort(), {
      scenario: scene,
      seed,
      terminals: hosts === '' ? [] : hosts.split(','),
    });
    setWork(session);
    holdSession(session);
    return () => {
      leaveSession(session);
      session.close();
    };
  }, [scene, seed, hosts]);
  useEffect(() => {
    if (!work || !wanted || wanted.id === done.current) return;
    done.current = wanted.id;
    void work.runOn(wanted.host, wanted.lines);
  }, [work, wanted]);
  if (!work) return null;
  return (
    <IntlIsland {...intl}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: whichever terminal is used last is the one whose packets are drawn */}
      <div onFocus={() => holdSession(work)}>
        <TerminalPanel work={work} withPath={false} focus={wanted === null} />
      </div>
    </IntlIsland>
  );
}
