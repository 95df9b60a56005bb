import { formatMac, type Mac } from '../../../addr/mac.ts';
import { defineMatch, fail } from '../ext.ts';

export const mac = defineMatch<{ mac: Mac; not: boolean }>({
  name: 'mac',
  options: [{ name: 'mac-source', arg: true, must: true, invert: true }],
  init: () => ({ mac: 0, not: false }),
  option(args, _id, value, not) {
    if (!/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/.test(value)) fail('Invalid MAC address specified.');
    args.mac = Number.parseInt(value.replaceAll(':', ''), 16);
    args.not = not;
  },
  accept: (_args, { hooks }) => (hooks.has('OUTPUT') || hooks.has('POSTROUTING') ? 'EINVAL' : null),
  save: (args) => `${args.not ? ' !' : ''} --mac-source ${formatMac(args.mac)}`,
  list: (args) => `MAC${args.not ? ' !' : ''} ${formatMac(args.mac)}`,
  apply: (args, { packet }) => packet.eth !== undefined && (packet.eth.src === args.mac) !== args.not,
});
