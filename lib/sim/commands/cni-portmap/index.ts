import { portmap } from '../../cni/portmap/plugin.ts';
import { runPlugin } from '../../cni/skel.ts';
import { defineCommand } from '../contract.ts';

export const command = defineCommand({
  name: 'cni-portmap',
  file: 'portmap',
  dir: '/usr/lib/cni',
  summary: 'CNI plugin portmap',
  images: ['node'],
  options: [],
  run: (proc) => runPlugin(proc, portmap),
});
