import { defineCommand } from '../contract.ts';
import { notModelled } from '../io.ts';

/** Reference plugins that are installed and not modelled. */
export const command = defineCommand({
  name: 'bandwidth',
  aliases: ['dhcp', 'firewall', 'host-device', 'ipvlan', 'macvlan', 'sbr', 'static', 'tuning', 'vlan', 'vrf'],
  dir: '/usr/lib/cni',
  summary: 'CNI plugins that are not modelled',
  images: ['node'],
  options: [],
  notModelled: [
    'the CNI plugins bandwidth, dhcp, firewall, host-device, ipvlan, macvlan, sbr, static, tuning, vlan, vrf',
  ],
  *run(proc) {
    return yield* notModelled(`CNI plugin ${(proc.argv[0] ?? '').split('/').at(-1)}`);
  },
});
