import { flannel } from '../../cni/flannel/plugin.ts';
import { runPlugin } from '../../cni/skel.ts';
import { defineCommand } from '../contract.ts';

export const command = defineCommand({
  name: 'cni-flannel',
  file: 'flannel',
  dir: '/opt/cni/bin',
  summary: 'CNI plugin flannel',
  images: [],
  options: [],
  run: (proc) => runPlugin(proc, flannel),
});
