import { defineTarget, fail } from '../ext.ts';
import { hex, parseUint } from '../values.ts';
import { xmark, xmarkText } from './mark.ts';

interface ConnmarkArgs {
  mode: 'set' | 'save' | 'restore';
  value: number;
  mask: number;
  nfmask: number;
  ctmask: number;
}

const OPS = ['set-xmark', 'set-mark', 'and-mark', 'or-mark', 'xor-mark', 'save-mark', 'restore-mark'];

function mask32(option: string, text: string): number {
  const value = parseUint(text);
  if (value === null) fail(`CONNMARK: bad value for option "--${option}", or out of range (0-4294967295).\n`);
  return value;
}

export const connmark = defineTarget<ConnmarkArgs>({
  name: 'CONNMARK',
  tracks: true,
  options: [
    ...OPS.map((name) => ({
      name,
      arg: !name.startsWith('save') && !name.startsWith('restore'),
      excl: OPS.filter((o) => o !== name),
    })),
    { name: 'nfmask', arg: true, excl: ['mask'] },
    { name: 'ctmask', arg: true, excl: ['mask'] },
    { name: 'mask', arg: true, excl: ['nfmask', 'ctmask'] },
  ],
  init: () => ({ mode: 'set', value: 0, mask: 0, nfmask: 0xffffffff, ctmask: 0xffffffff }),
  option(args, id, value) {
    if (id === 'save-mark') args.mode = 'save';
    else if (id === 'restore-mark') args.mode = 'restore';
    else if (id === 'nfmask') args.nfmask = mask32(id, value);
    else if (id === 'ctmask') args.ctmask = mask32(id, value);
    else if (id === 'mask') args.nfmask = args.ctmask = mask32(id, value);
    else Object.assign(args, xmark('CONNMARK', id, value), { mode: 'set' });
  },
  done(_args, seen) {
    if (!OPS.some((o) => seen.has(o))) fail('CONNMARK target: No operation specified');
  },
  save(args) {
    if (args.mode === 'set') return ` --set-xmark ${hex(args.value)}/${hex(args.mask)}`;
    return ` --${args.mode}-mark --nfmask ${hex(args.nfmask)} --ctmask ${hex(args.ctmask)}`;
  },
  list(args) {
    if (args.mode === 'set') return `CONNMARK ${xmarkText(args)}`;
    const full = 0xffffffff;
    if (args.nfmask === full && args.ctmask === full) return `CONNMARK ${args.mode}`;
    if (args.nfmask === args.ctmask) return `CONNMARK ${args.mode} mask ${hex(args.nfmask)}`;
    return args.mode === 'save'
      ? `CONNMARK save nfmask ${hex(args.nfmask)} ctmask ~${hex(args.ctmask)}`
      : `CONNMARK restore ctmask ${hex(args.ctmask)} nfmask ~${hex(args.nfmask)}`;
  },
  apply(args, { packet, ct }) {
    if (!ct) return 'CONTINUE';
    if (args.mode === 'set') ct.mark = ((ct.mark & ~args.mask) ^ args.value) >>> 0;
    else if (args.mode === 'save') ct.mark = ((ct.mark & ~args.ctmask) ^ (packet.mark & args.nfmask)) >>> 0;
    else packet.mark = ((packet.mark & ~args.nfmask) ^ (ct.mark & args.ctmask)) >>> 0;
    return 'CONTINUE';
  },
});
