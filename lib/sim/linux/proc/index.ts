/** The proc and sysfs file systems as a process sees them. */
import type { Proc } from '../../kernel/process.ts';
import type { DynamicFs, VNode } from '../../shell/vfs/types.ts';
import { netDir } from './net.ts';
import { descend, lazyDir, linkTo, readOnly } from './nodes.ts';
import { processDir } from './process.ts';
import { sysNode } from './sys.ts';
import { sysClassNet } from './sysfs.ts';

const uptime = (proc: Proc): string => {
  const seconds = (proc.world.now / 1e6).toFixed(2);
  return `${seconds} ${seconds}\n`;
};

const modules = (proc: Proc): string =>
  [...proc.host.modules].map((name) => `${name} 16384 0 - Live 0x0000000000000000\n`).join('');

const FILES: Readonly<Record<string, (proc: Proc) => string>> = {
  uptime,
  modules,
  loadavg: (proc) => `0.00 0.00 0.00 1/${proc.host.processes.size} ${proc.host.nextPid - 1}\n`,
  version: (proc) => `Linux version ${proc.host.kernel} (gcc) #1 SMP PREEMPT_DYNAMIC\n`,
  mounts: () =>
    'proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\nsysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0\n',
  filesystems: () => 'nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\n\text4\n',
};

function procRoot(proc: Proc): VNode {
  return lazyDir(() => {
    const entries: [string, VNode][] = [];
    for (const info of proc.host.processes.values()) entries.push([String(info.pid), processDir(proc, info)]);
    for (const [name, read] of Object.entries(FILES)) entries.push([name, readOnly(() => read(proc))]);
    entries.push(['net', linkTo('self/net')], ['self', linkTo(String(proc.info.pid))], ['sys', lazyDir(() => [])]);
    return entries.sort(([a], [b]) => (a < b ? -1 : 1));
  });
}

/** /proc. */
export const procFs: DynamicFs = {
  name: 'proc',
  lookup(proc, parts) {
    const [first, ...rest] = parts;
    if (first === undefined) return procRoot(proc);
    if (first === 'sys') return sysNode(proc, rest);
    if (first === 'self' || first === 'thread-self')
      return rest.length === 0 ? linkTo(String(proc.info.pid)) : descend(processDir(proc, proc.info), rest);
    if (first === 'net') return rest.length === 0 ? linkTo('self/net') : descend(netDir(proc, proc.netns), rest);
    const file = FILES[first];
    if (file) return rest.length === 0 ? readOnly(() => file(proc)) : null;
    const info = /^\d+$/.test(first) ? proc.host.processes.get(Number(first)) : undefined;
    return info ? descend(processDir(proc, info), rest) : null;
  },
};

/** /sys. */
export const sysFs: DynamicFs = {
  name: 'sysfs',
  lookup(proc, parts) {
    const root = lazyDir(() => [
      ['class', lazyDir(() => [['net', sysClassNet(proc)]])],
      ['module', lazyDir(() => [...proc.host.modules].sort().map((m): [string, VNode] => [m, lazyDir(() => [])]))],
    ]);
    return descend(root, parts);
  },
};
