/** The engine as the benchmarks use it: one host without a cluster, and commands run on it with a clock. */
import { buildScene, runStep } from '#sim/index.ts';

const BOUNDS = { maxTime: 3_600_000_000, maxSteps: 50_000_000, maxOutput: 200_000_000 };

export interface Timed {
  ms: number;
  /** User and system time of this process. */
  cpu: number;
  stdout: string;
}

/** CPU milliseconds of this process so far. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export class Model {
  readonly machine = buildScene('bare', 1);

  /** Runs a command line as bash does. Throws when it fails: a benchmark measures work that was done. */
  run(cmd: string, stdin?: string): Timed {
    const cpu = cpuMs();
    const start = performance.now();
    const result = runStep(this.machine, stdin === undefined ? { cmd } : { cmd, stdin }, BOUNDS);
    const ms = performance.now() - start;
    if (result.exit !== 0 || result.ended)
      throw new Error(`${cmd}: exit ${result.exit}: ${result.stderr.slice(0, 300)}`);
    return { ms, cpu: cpuMs() - cpu, stdout: result.stdout };
  }
}

const { gc } = globalThis as { gc?: () => void };

/** Megabytes of JavaScript values that are reachable. */
export function heapMb(): number {
  gc?.();
  gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}
