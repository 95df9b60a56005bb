import type { Port } from './client.ts';
import type { WorkerEvent } from './protocol.ts';

/** Starts the engine's worker. */
export function workerPort(): Port {
  const worker = new Worker(new URL('./sim.worker.ts', import.meta.url), { type: 'module' });
  return {
    post: (request) => worker.postMessage(request),
    onEvent: (handler) => {
      worker.onmessage = (message: MessageEvent<WorkerEvent>) => handler(message.data);
    },
    onBroken: (handler) => {
      worker.onerror = (event) => handler(event.message || 'the engine could not be loaded');
    },
    close: () => worker.terminate(),
  };
}
