/** /proc/PID: what ps, top and `ip netns identify` look at. */
import type { Proc } from '../../kernel/process.ts';
import type { ProcessInfo } from '../../kernel/world.ts';
import type { VNode } from '../../shell/vfs/types.ts';
import { netDir } from './net.ts';
import { lazyDir, linkTo, readOnly } from './nodes.ts';

/** Inode of the initial network namespace; others count from there. */
const NETNS_INODE = 4026531840;
const HERTZ = 100;

const nameOf = (info: ProcessInfo): string => (info.argv[0] ?? '').replace(/^.*\//, '').slice(0, 15);

function stat(info: ProcessInfo): string {
  const fields = Array(52).fill('0');
  fields[0] = String(info.pid);
  fields[1] = `(${nameOf(info)})`;
  fields[2] = info.state;
  fields[3] = String(info.ppid);
  fields[4] = String(info.pid);
  fields[17] = '20';
  fields[19] = '1';
  fields[21] = String(Math.max(0, Math.floor((info.started / 1e6) * HERTZ)));
  return `${fields.join(' ')}\n`;
}

const STATE_WORDS = { R: 'R (running)', S: 'S (sleeping)', Z: 'Z (zombie)' } as const;

function status(info: ProcessInfo): string {
  return [
    `Name:\t${nameOf(info)}`,
    'Umask:\t0022',
    `State:\t${STATE_WORDS[info.state]}`,
    `Tgid:\t${info.pid}`,
    'Ngid:\t0',
    `Pid:\t${info.pid}`,
    `PPid:\t${info.ppid}`,
    'TracerPid:\t0',
    `Uid:\t${[0, 0, 0, 0].map(() => info.uid).join('\t')}`,
    'Gid:\t0\t0\t0\t0',
    'Threads:\t1',
    '',
  ].join('\n');
}

/** The directory of one process. */
export function processDir(proc: Proc, info: ProcessInfo): VNode {
  const ns = proc.world.netns.get(info.netns) ?? proc.netns;
  return lazyDir(() => [
    ['cmdline', readOnly(() => info.argv.map((a) => `${a}\0`).join(''))],
    ['comm', readOnly(() => `${nameOf(info)}\n`)],
    ['stat', readOnly(() => stat(info))],
    ['status', readOnly(() => status(info))],
    ['net', netDir(proc, ns)],
    ['ns', lazyDir(() => [['net', linkTo(`net:[${NETNS_INODE + ns.id}]`)]])],
  ]);
}
