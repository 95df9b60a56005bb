/** Three nodes and six Pods from typed commands. */
import { Session } from '#sim/index.ts';
import { type Context, rounds } from './context.ts';
import { KernelShell } from './kernel.ts';
import { cpuMs, heapMb, Model } from './model.ts';
import { type Row, rowOf } from './stats.ts';
import { TOPOLOGY_LINES, TOPOLOGY_SCRIPT, topologyBatch } from './topology.ts';

/** Until V8 has translated what the commands run. */
const WARM = 50;
const ROUNDS = 30;
const KERNEL_ROUNDS = 5;
const MEMORY_WORLDS = 5;
const SETTLE = { time: 60_000_000, steps: 1_000_000 };

/** A session in which the commands have been typed one by one; null for the time when one of them failed. */
function typed(): { ms: number; cpu: number } {
  const session = Session.open('bare', 1);
  const term = session.openTerminal('node') ?? 0;
  session.settle(SETTLE.time, SETTLE.steps);
  session.takeOutput(term);
  const cpu = cpuMs();
  const start = performance.now();
  for (const line of TOPOLOGY_LINES) {
    session.type(term, line);
    session.settle(SETTLE.time, SETTLE.steps);
  }
  const ms = performance.now() - start;
  const said = session.takeOutput(term).replace(/^.*# .*\n?/gm, '');
  if (said.trim() !== '') throw new Error(`building the nodes and Pods said: ${said.slice(0, 300)}`);
  return { ms, cpu: cpuMs() - cpu };
}

async function kernelRound(script: string): Promise<number> {
  const kernel = await KernelShell.open();
  try {
    const { ms, stderr } = await kernel.run(script);
    if (stderr !== '') throw new Error(`the kernel's topology said: ${stderr.slice(0, 300)}`);
    return ms;
  } finally {
    await kernel.close();
  }
}

export async function topologyBench(c: Context): Promise<void> {
  const names = ['topology-script', 'topology-typed'];
  if (c.wants('memory-topology')) c.add(memory());
  if (!names.some((n) => c.wants(n))) return;
  c.say('3 nodes and 6 Pods');
  const script: number[] = [];
  const scriptCpu: number[] = [];
  const line: number[] = [];
  const lineCpu: number[] = [];
  const byCommand: number[] = [];
  const byBatch: number[] = [];
  await rounds(ROUNDS + WARM, 30_000, async (i) => {
    const ran = new Model().run(TOPOLOGY_SCRIPT);
    const one = typed();
    if (i < WARM) return;
    script.push(ran.ms);
    scriptCpu.push(ran.cpu);
    line.push(one.ms);
    lineCpu.push(one.cpu);
    if (c.kernel && byCommand.length < KERNEL_ROUNDS) {
      byCommand.push(await kernelRound(TOPOLOGY_SCRIPT));
      byBatch.push(await kernelRound(topologyBatch()));
    }
  });
  const row = (name: string, what: string, ours: number[], kernel: number[], cpu: number[]) => {
    if (c.wants(name)) c.add(rowOf({ name, what, unit: 'ms', goal: 5 }, ours, kernel, cpu));
  };
  row('topology-script', '3 nodes, 6 Pods, one script; kernel: one program a command', script, byCommand, scriptCpu);
  row('topology-typed', '3 nodes, 6 Pods, typed line by line; kernel: ip -batch', line, byBatch, lineCpu);
}

/** Heap of one world, as a mean of several: what the engine keeps once for all of them is left out. */
function memory(): Row {
  const built = () => {
    const model = new Model();
    model.run(TOPOLOGY_SCRIPT);
    return model;
  };
  const first = built();
  const before = heapMb();
  const more = Array.from({ length: MEMORY_WORLDS }, built);
  const held = (heapMb() - before) / MEMORY_WORLDS;
  if (![first, ...more].every((m) => m.machine.world.netns.size > 9)) throw new Error('the topology is not there');
  return rowOf({ name: 'memory-topology', what: 'heap of 3 nodes and 6 Pods', unit: 'MB', goal: 15 }, [held]);
}
