import { bridge } from '../../cni/bridge/plugin.ts';
import { runPlugin } from '../../cni/skel.ts';
import { defineCommand } from '../contract.ts';

export const command = defineCommand({
  name: 'cni-bridge',
  file: 'bridge',
  dir: '/usr/lib/cni',
  summary: 'CNI plugin bridge',
  images: ['node'],
  options: [],
  run: (proc) => runPlugin(proc, bridge),
});
