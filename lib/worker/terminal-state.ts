import type { Session } from '#sim/index.ts';
import type { TermState } from './protocol.ts';

/** What a terminal's foreground does now. */
export function terminalState(machine: Session['machine'], term: number): TermState {
  const tty = machine.ttys.get(term);
  if (!tty) return 'closed';
  if (tty.prompt) return 'prompt';
  let alive = false;
  for (const proc of machine.procs.values()) {
    if (proc.tty !== tty) continue;
    alive = true;
    if (proc.blocked?.op === 'read' && proc.fds.get(proc.blocked.fd)?.kind === 'tty') return 'reading';
  }
  return alive ? 'running' : 'closed';
}
