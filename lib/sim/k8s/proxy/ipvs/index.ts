import { defineMode } from '../mode.ts';

export const ipvsMode = defineMode<null>({
  name: 'ipvs',
  newMemory: () => null,
  start: () => 'flatnet: not modelled: kube-proxy in ipvs mode',
  sync: () => false,
  cleanup: () => undefined,
});
