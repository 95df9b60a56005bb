/** The journal of a node: what its units write, line by line, and klog's form of lines. */
import type { FileDesc, Proc } from '../../kernel/process.ts';
import type { Host, World } from '../../kernel/world.ts';
import { strftime } from '../../text/strftime.ts';

/** Lines that the journal keeps. */
const LIMIT = 4000;

/** Writes one line. */
export function journal(world: World, host: Host, unit: string, program: string, pid: number, text: string): void {
  host.journal ??= [];
  host.journal.push({ at: world.now, unit, program, pid, text });
  if (host.journal.length > LIMIT) host.journal.splice(0, host.journal.length - LIMIT);
}

/** A unit's standard output and error: lines go to the journal. */
export function journalStream(world: World, host: Host, unit: string, program: string, pid: () => number): FileDesc {
  return {
    kind: 'file',
    path: '/dev/stdout',
    read: () => '',
    remake: (copy) => {
      const number = pid();
      return journalStream(copy(world), copy(host), unit, program, () => number);
    },
    write(data) {
      for (const line of data.split('\n')) if (line !== '') journal(world, host, unit, program, pid(), line);
      return null;
    },
  };
}

/** A line as klog writes it: severity, date, microseconds, pid, place in the source. A container's program is its first process. */
export function klog(proc: Proc, severity: 'I' | 'W' | 'E', place: string, message: string): string {
  const { world } = proc;
  const micros = world.now % 1_000_000;
  const seconds = world.epoch + Math.floor(world.now / 1_000_000);
  return `${severity}${strftime('%m%d %H:%M:%S', seconds, 0)}.${String(micros).padStart(6, '0')} ${String(proc.info.container === '' ? proc.info.pid : 1).padStart(7)} ${place}] ${message}\n`;
}
