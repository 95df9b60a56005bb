/** `bash`, and the `sh` of the host (dash) and of busybox images (ash). */
import { runShell } from '../../shell/run.ts';
import { defineCommand } from '../contract.ts';

const options = [
  { flag: '-c', value: 'command', modelled: true },
  { flag: '-e', modelled: true },
  { flag: '-i', modelled: true },
  { flag: '-l', modelled: true },
  { flag: '-s', modelled: true },
  { flag: '-u', modelled: true },
  { flag: '-x', modelled: true },
  { flag: '-o', value: 'option', modelled: true },
];

export const commands = [
  defineCommand({
    name: 'bash',
    dir: '/usr/bin',
    summary: 'GNU Bourne-Again shell',
    images: ['node', 'netshoot'],
    options,
    notModelled: ['select', 'coproc', 'process groups stopped with ^Z'],
    run: (proc) => runShell(proc, 'bash'),
  }),
  defineCommand({
    name: 'sh',
    aliases: ['ash', 'dash'],
    dir: '/bin',
    summary: 'command interpreter',
    images: ['node', 'netshoot', 'busybox', 'http'],
    options,
    run: (proc) => runShell(proc, isBusybox(proc.argv[0] ?? '', proc.info.container) ? 'ash' : 'dash'),
  }),
];

const isBusybox = (name: string, container: string): boolean =>
  name.endsWith('ash') && !name.endsWith('dash') ? true : container !== '';
