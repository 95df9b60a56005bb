/** The worker that runs the engine, away from the page's thread. */
import * as engine from '#sim/index.ts';
import type { WorkerEvent } from './protocol.ts';
import { SessionHost } from './session-host.ts';

const post = (event: WorkerEvent): void => self.postMessage(event);

const host = new SessionHost(engine, post, {
  now: () => performance.now(),
  later: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
});

self.onmessage = (message: MessageEvent<unknown>) => host.receive(message.data);
