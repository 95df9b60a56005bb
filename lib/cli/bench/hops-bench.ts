/** Packets from Pod to Pod on another node: node-hops a second. */
import { DatagramMeter } from '#sim/index.ts';
import type { Context } from './context.ts';
import { KernelShell, kernelFlood } from './kernel.ts';
import { Model } from './model.ts';
import { rowOf } from './stats.ts';
import { TOPOLOGY_SCRIPT } from './topology.ts';

/** Pod, node, node, Pod. */
const HOPS = 4;
const BATCH = 5000;
const WARM = 3;
const ROUNDS = 12;
const KERNEL_ROUNDS = 3;

export async function hopsBench(c: Context): Promise<void> {
  const goals = { 'hops-untraced': 2e6, 'hops-traced': 300e3 };
  if (!Object.keys(goals).some((n) => c.wants(n))) return;
  c.say('node-hops');
  const kernelRates: number[] = [];
  const kernel = c.kernel ? await KernelShell.open() : null;
  try {
    if (kernel) await kernel.run(TOPOLOGY_SCRIPT);
    for (const [name, goal] of Object.entries(goals)) {
      if (!c.wants(name)) continue;
      const model = new Model();
      model.run(TOPOLOGY_SCRIPT);
      const { trace } = model.machine.world;
      trace.off = name === 'hops-untraced';
      const meter = new DatagramMeter(model.machine, 'node:p12', 'node:p22', 9000);
      const rates: number[] = [];
      for (let i = 0; i < WARM + ROUNDS; i++) {
        const start = performance.now();
        const arrived = meter.send('10.244.2.2', 9000, BATCH);
        const seconds = (performance.now() - start) / 1000;
        if (arrived !== BATCH) throw new Error(`${BATCH - arrived} of ${BATCH} datagrams were lost`);
        if (i >= WARM) rates.push((arrived * HOPS) / seconds);
        if (kernel && kernelRates.length < KERNEL_ROUNDS)
          kernelRates.push((await kernelFlood(kernel, 'p12', 'p22')) * HOPS);
      }
      const what = `node-hops of 64-byte datagrams to a Pod on another node, ${trace.off ? 'untraced' : 'traced'}`;
      const usable = kernelRates.filter((r) => r > 0);
      c.add(rowOf({ name, what, unit: 'per s', goal }, rates, usable));
    }
  } finally {
    await kernel?.close();
  }
}
