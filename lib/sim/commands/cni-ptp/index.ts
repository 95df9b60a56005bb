import { ptp } from '../../cni/ptp/plugin.ts';
import { runPlugin } from '../../cni/skel.ts';
import { defineCommand } from '../contract.ts';

export const command = defineCommand({
  name: 'cni-ptp',
  file: 'ptp',
  dir: '/usr/lib/cni',
  summary: 'CNI plugin ptp',
  images: ['node'],
  options: [],
  run: (proc) => runPlugin(proc, ptp),
});
