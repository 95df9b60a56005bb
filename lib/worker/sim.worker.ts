/** The worker that runs the engine, away from the page's thread. The prompt is there before all programs are. */
import * as engine from '#sim/core.ts';
import { LoadGate } from './load-gate.ts';
import type { WorkerEvent } from './protocol.ts';
import { SessionHost } from './session-host.ts';

let loading = false;
/** Milliseconds for the page to paint the prompt before the other programs are fetched; who types sooner has them fetched at once. */
const PAINT = 150;

/** Fetches the programs, once: after the first prompt, or as soon as something needs them. */
function load(): void {
  if (loading) return;
  loading = true;
  import('#sim/commands/load.ts').then(
    () => gate.open(),
    (error: unknown) => {
      // Surfaces as the worker's error event: the page says that the engine could not be loaded.
      setTimeout(() => {
        throw error;
      });
    },
  );
}

const post = (event: WorkerEvent): void => {
  self.postMessage(event);
  if (event.t === 'prompt') setTimeout(load, PAINT);
};

const host = new SessionHost(engine, post, {
  now: () => performance.now(),
  later: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
});

const gate = new LoadGate((message) => host.receive(message), load);

self.onmessage = (message: MessageEvent<unknown>) => gate.take(message.data);
