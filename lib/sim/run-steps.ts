/** Runs scripts of single commands, as `bash -c` does: what the CLI's `run` and the conformance suite use. */

import { hostEnvironment } from './environment.ts';
import type { Machine } from './kernel/machine.ts';
import type { FileDesc, Proc } from './kernel/process.ts';
import { showRaw } from './text/utf8.ts';

export interface ScriptStep {
  /** Host to run on; by default the scene's first. */
  host?: string;
  cmd: string;
  stdin?: string;
}

export interface StepResult {
  host: string;
  cmd: string;
  stdout: string;
  stderr: string;
  exit: number;
  /** Set when a bound ended the command: it did not finish by itself. */
  ended?: 'time' | 'steps' | 'output';
}

export interface RunBounds {
  /** Virtual microseconds a step may take. */
  maxTime: number;
  /** System calls a step may make. */
  maxSteps: number;
  /** Characters of output a step may write. */
  maxOutput: number;
}

export const DEFAULT_BOUNDS: RunBounds = { maxTime: 600_000_000, maxSteps: 2_000_000, maxOutput: 8_000_000 };

const SIGKILL_STATUS = 137;

/** Virtual µs that starting a shell takes: frames on their way and closing connections go on meanwhile. */
const START_TIME = 1500;
/** The kernel tells of a new carrier up to a second after the change (net/core/link_watch.c), in virtual µs. */
export const CARRIER_DELAY = 1_150_000;

const ONLY_CONFIGURES = /\b(?:add|a|set|del|delete|replace|append|change|sysctl -\w*w|iptables .*-[AINPX] )/;
const LOOKS =
  /\b(?:show|list|ls|get|ping|nc|ncat|tcpdump|traceroute|tracepath|arping|cat|dig|curl|save)\b|[|>]|iptables .*-[LS]/;

/** Whether a step waits for changes of carrier to settle: one that looks at the network or uses it. */
export const waitsForCarrier = (cmd: string): boolean => LOOKS.test(cmd) || !ONLY_CONFIGURES.test(cmd);

function passTime(machine: Machine, us: number, maxSteps: number): void {
  const until = machine.world.now + us;
  const limit = machine.steps + maxSteps;
  while (machine.pump(Math.max(1, Math.min(100_000, limit - machine.steps))) && machine.steps < limit) {
    const at = machine.nextAt();
    if (at === null || at > until) break;
    machine.advance(at);
  }
  machine.advance(until);
}

/**
 * Pumps the machine and moves virtual time until `proc` has ended or a bound is hit (then it and its children are
 * killed). Answers which bound, or null.
 */
export function drain(
  machine: Machine,
  proc: Proc,
  bounds: RunBounds,
  written: () => number = () => 0,
): StepResult['ended'] | null {
  const deadline = machine.world.now + bounds.maxTime;
  const limit = machine.steps + bounds.maxSteps;
  const done = () => proc.status !== null || written() > bounds.maxOutput;
  let ended: StepResult['ended'] | null = null;
  while (proc.status === null && ended === null) {
    const quiet = machine.pump(Math.max(1, Math.min(100_000, limit - machine.steps)), done);
    if (proc.status !== null) break;
    if (written() > bounds.maxOutput) ended = 'output';
    else if (machine.steps >= limit) ended = 'steps';
    else if (quiet) {
      const at = machine.nextAt();
      if (at === null || at > deadline) ended = 'time';
      else machine.advance(at);
    }
  }
  if (ended) killGroup(machine, proc);
  return ended;
}

function killGroup(machine: Machine, leader: Proc): void {
  for (const proc of [...machine.procs.values()]) {
    if (proc.host === leader.host && proc.pgid === leader.pgid) machine.kill(proc, SIGKILL_STATUS);
  }
}

/** Runs one step as root in /root, without a terminal. */
export function runStep(machine: Machine, step: ScriptStep, bounds: RunBounds = DEFAULT_BOUNDS): StepResult {
  const name = step.host ?? [...machine.world.hosts.keys()][0] ?? '';
  const host = machine.world.hosts.get(name);
  if (!host) return { host: name, cmd: step.cmd, stdout: '', stderr: `flatnet: no such host: ${name}\n`, exit: 255 };
  const settled = waitsForCarrier(step.cmd) ? machine.world.carrierChanged + CARRIER_DELAY : 0;
  passTime(machine, Math.max(START_TIME, settled - machine.world.now), bounds.maxSteps);
  const out: FileDesc & { kind: 'sink' } = { kind: 'sink', chunks: [] };
  const err: FileDesc & { kind: 'sink' } = { kind: 'sink', chunks: [] };
  const proc = machine.spawn({
    host,
    argv: ['bash', '-c', step.cmd],
    cwd: '/root',
    env: hostEnvironment(),
    tty: null,
    fds: new Map<number, FileDesc>([
      [0, step.stdin === undefined ? { kind: 'null' } : { kind: 'source', text: step.stdin }],
      [1, out],
      [2, err],
    ]),
  });
  if (!proc)
    return {
      host: name,
      cmd: step.cmd,
      stdout: '',
      stderr: 'bash: fork: retry: Resource temporarily unavailable\n',
      exit: 254,
    };
  const sized = { chunks: 0, length: 0 };
  const written = () => {
    const all = out.chunks.length + err.chunks.length;
    if (all !== sized.chunks) {
      sized.chunks = all;
      sized.length = out.chunks.reduce((n, c) => n + c.length, 0) + err.chunks.reduce((n, c) => n + c.length, 0);
    }
    return sized.length;
  };
  const ended = drain(machine, proc, bounds, written);
  const result: StepResult = {
    host: name,
    cmd: step.cmd,
    stdout: showRaw(out.chunks.join('')),
    stderr: err.chunks.join(''),
    exit: proc.status ?? SIGKILL_STATUS,
  };
  // What programs in the background write later belongs to no step.
  out.closed = err.closed = true;
  if (ended) result.ended = ended;
  return result;
}
