/** Records what this machine's kernel and tools answer to a script, step by step. */
import { CARRIER_DELAY, waitsForCarrier } from '#sim/index.ts';
import type { RecordedStep } from '#sim/test/normalise.ts';
import { Namespaces } from './namespaces.ts';

export interface Step {
  cmd: string;
  stdin?: string;
}

const CHANGES_CARRIER = /\b(?:link|l)\b.*\b(?:add|a|set|del|delete)\b|CNI_COMMAND=|\/cni\/|netns (?:add|del)|tuntap/;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs the steps in fresh namespaces. */
export async function record(steps: readonly Step[]): Promise<RecordedStep[]> {
  const namespaces = await Namespaces.open();
  const recorded: RecordedStep[] = [];
  let changed = Number.NEGATIVE_INFINITY;
  try {
    for (const { cmd, stdin } of steps) {
      const left = changed + CARRIER_DELAY / 1000 - performance.now();
      if (left > 0 && waitsForCarrier(cmd)) await sleep(left);
      const ran = await namespaces.run(cmd, stdin);
      recorded.push(stdin === undefined ? { cmd, ...ran } : { cmd, stdin, ...ran });
      if (CHANGES_CARRIER.test(cmd)) changed = performance.now();
    }
  } finally {
    await namespaces.close();
  }
  return recorded;
}

/** Runs `work` on each item, at most `jobs` at a time; answers in the items' order. */
export async function pooled<T, R>(items: readonly T[], jobs: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T);
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
  return results;
}
