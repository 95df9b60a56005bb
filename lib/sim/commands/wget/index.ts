import { defineCommand } from '../contract.ts';
import { busyboxWget } from './busybox.ts';
import { gnuWget } from './gnu.ts';
import { isBusybox } from './image.ts';

const option = (flag: string, value?: string) => ({ flag, value, modelled: true });

/** wget: GNU's on hosts and in toolbox images, busybox's in images built on it. */
export const command = defineCommand({
  name: 'wget',
  dir: '/usr/bin',
  summary: 'retrieve files from the web',
  images: ['node', 'netshoot', 'busybox'],
  options: [
    option('-q'),
    option('-O', 'file'),
    option('-T', 'seconds'),
    option('-t', 'tries'),
    option('-S'),
    option('--spider'),
    option('--header', 'string'),
    option('--post-data', 'string'),
    option('--timeout', 'seconds'),
    option('--tries', 'number'),
    { flag: '-c', modelled: false },
    { flag: '-r', modelled: false },
  ],
  notModelled: ['https, ftp'],
  run: (proc) => (isBusybox(proc) ? busyboxWget(proc) : gnuWget(proc)),
});
