/** `systemctl status`. Source: systemd 252, src/systemctl/systemctl-show.c and src/basic/time-util.c. */

import { programOf, type Unit, unitProcess } from '../../k8s/node/units.ts';
import type { Proc } from '../../kernel/process.ts';
import { strftime } from '../../text/strftime.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const LOG_LINES = 10;

const many = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;

/** How long ago something was, as systemd says it. Seconds in. */
export function relativeTime(seconds: number): string {
  const s = Math.floor(seconds);
  if (s >= 7 * DAY)
    return `${many(Math.floor(s / (7 * DAY)), 'week')} ${many(Math.floor((s % (7 * DAY)) / DAY), 'day')} ago`;
  if (s >= 2 * DAY) return `${Math.floor(s / DAY)} days ago`;
  if (s >= 25 * HOUR) return `1 day ${Math.floor((s - DAY) / HOUR)}h ago`;
  if (s >= 6 * HOUR) return `${Math.floor(s / HOUR)}h ago`;
  if (s >= HOUR) return `${Math.floor(s / HOUR)}h ${Math.floor((s % HOUR) / MINUTE)}min ago`;
  if (s >= 5 * MINUTE) return `${Math.floor(s / MINUTE)}min ago`;
  if (s >= MINUTE) return `${Math.floor(s / MINUTE)}min ${s % MINUTE}s ago`;
  if (s >= 1) return `${s}s ago`;
  return seconds >= 0.001 ? `${Math.floor(seconds * 1000)}ms ago` : 'now';
}

/** The whole text for one unit; without accounting, as a machine that keeps none prints it. */
export function statusText(proc: Proc, unit: Unit, logs: boolean): string {
  const { world, host, machine } = proc;
  const process = unitProcess(machine, host, unit);
  const lines = [
    `${process ? '●' : '○'} ${unit.name} - ${unit.description}`,
    `     Loaded: loaded (${unit.file}; enabled; preset: enabled)`,
  ];
  if (unit.dropIn) lines.push(`    Drop-In: ${unit.dropIn.folder}`, `             └─${unit.dropIn.name}`);
  if (process) {
    const since = strftime('%a %Y-%m-%d %H:%M:%S UTC', world.epoch + Math.floor(process.info.started / 1e6), 0);
    lines.push(
      `     Active: active (running) since ${since}; ${relativeTime((world.now - process.info.started) / 1e6)}`,
    );
  } else lines.push('     Active: inactive (dead)');
  lines.push(`       Docs: ${unit.docs}`);
  if (process) {
    lines.push(
      `   Main PID: ${process.info.pid} (${programOf(unit)})`,
      `     CGroup: /system.slice/${unit.name}`,
      `             └─${process.info.pid} ${process.argv.join(' ')}`,
    );
  }
  const entries = logs ? (host.journal ?? []).filter((e) => e.unit === unit.name).slice(-LOG_LINES) : [];
  if (entries.length > 0) lines.push('');
  for (const e of entries)
    lines.push(
      `${strftime('%b %d %H:%M:%S', world.epoch + Math.floor(e.at / 1e6), 0)} ${proc.hostname} ${e.program}[${e.pid}]: ${e.text}`,
    );
  return `${lines.join('\n')}\n`;
}
