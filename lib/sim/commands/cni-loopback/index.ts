import { loopback } from '../../cni/loopback/plugin.ts';
import { runPlugin } from '../../cni/skel.ts';
import { defineCommand } from '../contract.ts';

export const command = defineCommand({
  name: 'cni-loopback',
  file: 'loopback',
  dir: '/usr/lib/cni',
  summary: 'CNI plugin loopback',
  images: ['node'],
  options: [],
  run: (proc) => runPlugin(proc, loopback),
});
