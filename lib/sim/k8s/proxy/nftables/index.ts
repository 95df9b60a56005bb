import { defineMode } from '../mode.ts';

export const nftablesMode = defineMode<null>({
  name: 'nftables',
  newMemory: () => null,
  start: () => 'flatnet: not modelled: kube-proxy in nftables mode',
  sync: () => false,
  cleanup: () => undefined,
});
