import { defineCommand } from '../contract.ts';
import { isBusybox } from '../wget/image.ts';
import { bindNslookup } from './bind.ts';
import { busyboxNslookup } from './busybox.ts';

/** nslookup: BIND's on hosts and in toolbox images, busybox's in images built on it. */
export const command = defineCommand({
  name: 'nslookup',
  dir: '/usr/bin',
  summary: 'look names up in DNS',
  images: ['node', 'netshoot', 'busybox'],
  options: [
    { flag: '-type', value: 'type', modelled: true },
    { flag: '-query', value: 'type', modelled: true },
    { flag: '-port', value: 'port', modelled: true },
    { flag: '-timeout', value: 'seconds', modelled: true },
    { flag: '-retry', value: 'number', modelled: true },
    { flag: '-debug', modelled: false },
  ],
  notModelled: ['interactive mode'],
  run: (proc) => (isBusybox(proc) ? busyboxNslookup(proc) : bindNslookup(proc)),
});
