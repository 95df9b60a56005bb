/** Makes a session again from what was typed, together with what its terminals showed meanwhile. */
import type { Session as EngineSession, SceneSetup, TranscriptStep } from '#sim/index.ts';
import type { OpenTerminal, WorkerEvent } from './protocol.ts';

interface Wanted {
  scenario: string;
  seed: number;
  setup?: SceneSetup;
  steps: TranscriptStep[];
  /** The step that comes no more: time passes up to it. */
  until: TranscriptStep | null;
}

interface Replayed {
  session: EngineSession;
  terminals: OpenTerminal[];
  shown: WorkerEvent[];
  /** The prompts that wait and have been shown, by terminal. */
  prompts: Map<number, unknown>;
  restored: boolean;
}

/** Screens keep about this much: older output of a replay is not sent. */
const MAX_SHOWN = 400_000;
const MAX_PUMPS = 2000;

/** Replays the steps. What cannot be replayed (another engine, out of bounds) gives a fresh session instead. */
export function replayShown(engine: typeof EngineSession, wanted: Wanted): Replayed {
  const { scenario, seed, setup, steps, until } = wanted;
  const shown: WorkerEvent[] = [];
  const prompts = new Map<number, unknown>();
  const terminals: OpenTerminal[] = [];
  const take = (session: EngineSession): void => {
    for (const tty of session.machine.ttys.values()) {
      const data = session.takeOutput(tty.id);
      if (data !== '') shown.push({ t: 'output', term: tty.id, data });
      if (!tty.prompt || prompts.get(tty.id) === tty.prompt) continue;
      prompts.set(tty.id, tty.prompt);
      shown.push({ t: 'prompt', term: tty.id, text: tty.prompt.text });
    }
  };
  const before = (session: EngineSession, step: TranscriptStep): void => {
    take(session);
    if ('open' in step) terminals.push({ term: step.term, host: step.open });
    else if ('line' in step) shown.push({ t: 'echo', term: step.term, text: `${step.line}\n` });
    else if (step.key === 'interrupt') {
      shown.push({ t: 'echo', term: step.term, text: '^C\n' });
      prompts.delete(step.term);
    }
  };
  try {
    const session = engine.replay(scenario, seed, { v: 1, steps }, setup, undefined, before);
    for (let pumps = 0; pumps < MAX_PUMPS; pumps++) {
      const quiet = session.machine.pump(20_000);
      take(session);
      const next = session.machine.nextAt();
      if (!quiet) continue;
      if (!session.busy() || next === null || (until && next > until.at)) break;
      session.advance(next);
    }
    return { session, terminals, shown: tail(shown), prompts, restored: true };
  } catch {
    return {
      session: engine.open(scenario, seed, setup),
      terminals: [],
      shown: [],
      prompts: new Map(),
      restored: false,
    };
  }
}

function tail(shown: WorkerEvent[]): WorkerEvent[] {
  let chars = 0;
  let from = shown.length;
  while (from > 0 && chars < MAX_SHOWN) {
    from--;
    const event = shown[from] as WorkerEvent;
    chars += 'data' in event ? event.data.length : 'text' in event ? event.text.length : 0;
  }
  return shown.slice(from);
}
