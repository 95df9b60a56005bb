/** kill(2) as programs use it. */
import type { Proc } from '../kernel/process.ts';
import { signalName } from './signals.ts';
import { shellOf } from './state.ts';

/** Signals that end nothing: job control, window changes, and 0. */
const HARMLESS = new Set([0, 17, 18, 19, 20, 21, 22, 23, 28]);

/** Sends `signal` to a process of the sender's host, or to a group when `pid` is negative. An errno name, or null. */
export function sendSignal(sender: Proc, pid: number, signal: number): string | null {
  const { machine, host } = sender;
  if (pid < 0) {
    const members = [...machine.procs.values()].filter((p) => p.host === host && p.pgid === -pid);
    for (const p of members) deliver(p, signal);
    return members.length > 0 ? null : 'ESRCH';
  }
  const target = machine.find(host.name, pid);
  if (target) deliver(target, signal);
  else if (!host.processes.has(pid)) return 'ESRCH';
  return null;
}

function deliver(proc: Proc, signal: number): void {
  if (HARMLESS.has(signal)) return;
  const trap = signal === 9 ? undefined : shellOf(proc)?.traps.get(signalName(signal) ?? '');
  if (trap !== undefined) {
    const shell = shellOf(proc);
    if (trap !== '') shell?.pendingSignals.push(signalName(signal) as string);
    return;
  }
  proc.machine.signal(proc, signal);
}
