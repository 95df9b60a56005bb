import { hostLocal } from '../../cni/host-local/plugin.ts';
import { runPlugin } from '../../cni/skel.ts';
import { defineCommand } from '../contract.ts';

export const command = defineCommand({
  name: 'cni-host-local',
  file: 'host-local',
  dir: '/usr/lib/cni',
  summary: 'CNI plugin host-local',
  images: ['node'],
  options: [],
  run: (proc) => runPlugin(proc, hostLocal),
});
