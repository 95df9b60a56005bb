/** Records what this machine's kernel and tools answer to a script, step by step. */
import type { RecordedStep } from '#sim/test/normalise.ts';
import { Namespaces } from './namespaces.ts';

export interface Step {
  cmd: string;
  stdin?: string;
}

/** Up to a second passes between a change of carrier and the kernel's telling of it (net/core/link_watch.c). */
const SETTLE = 1150;

const CHANGES_CARRIER = /\b(?:link|l)\b.*\b(?:add|a|set|del|delete)\b|CNI_COMMAND=|\/cni\/|netns (?:add|del)|tuntap/;
const ONLY_CONFIGURES = /\b(?:add|a|set|del|delete|replace|append|change|sysctl -\w*w|iptables .*-[AINPX] )/;
const LOOKS =
  /\b(?:show|list|ls|get|ping|nc|ncat|tcpdump|traceroute|tracepath|arping|cat|dig|curl|save)\b|[|>]|iptables .*-[LS]/;

/** A step that looks at the network, or uses it, after a change of carrier finds it settled. */
const waitsForCarrier = (cmd: string): boolean => LOOKS.test(cmd) || !ONLY_CONFIGURES.test(cmd);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs the steps in fresh namespaces. */
export async function record(steps: readonly Step[]): Promise<RecordedStep[]> {
  const namespaces = await Namespaces.open();
  const recorded: RecordedStep[] = [];
  let changed = Number.NEGATIVE_INFINITY;
  try {
    for (const { cmd, stdin } of steps) {
      const left = changed + SETTLE - performance.now();
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
