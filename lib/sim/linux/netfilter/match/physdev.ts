import { defineMatch, fail } from '../ext.ts';
import { checkInterface, interfaceFits } from '../head.ts';

interface PhysdevArgs {
  in: { name: string; not: boolean } | null;
  out: { name: string; not: boolean } | null;
  isIn: boolean | null;
  isOut: boolean | null;
  isBridged: boolean | null;
}

function text(args: PhysdevArgs): string {
  const named = (word: string, v: { name: string; not: boolean } | null) =>
    v ? `${v.not ? ' !' : ''} --physdev-${word} ${v.name}` : '';
  const flag = (word: string, v: boolean | null) => (v === null ? '' : `${v ? '' : ' !'} --physdev-is-${word}`);
  return (
    flag('in', args.isIn) +
    named('in', args.in) +
    flag('out', args.isOut) +
    named('out', args.out) +
    flag('bridged', args.isBridged)
  );
}

export const physdev = defineMatch<PhysdevArgs>({
  name: 'physdev',
  options: [
    { name: 'physdev-in', arg: true, invert: true },
    { name: 'physdev-out', arg: true, invert: true },
    { name: 'physdev-is-in', invert: true },
    { name: 'physdev-is-out', invert: true },
    { name: 'physdev-is-bridged', invert: true },
  ],
  init: () => ({ in: null, out: null, isIn: null, isOut: null, isBridged: null }),
  option(args, id, value, not, ctx) {
    if (id === 'physdev-in' || id === 'physdev-out')
      args[id === 'physdev-in' ? 'in' : 'out'] = { name: checkInterface(value, ctx), not };
    else if (id === 'physdev-is-in') args.isIn = !not;
    else if (id === 'physdev-is-out') args.isOut = !not;
    else args.isBridged = !not;
  },
  done(_args, seen) {
    if (seen.size === 0) fail('PHYSDEV: no physdev option specified');
  },
  accept(args, { hooks, deep }) {
    if (deep) return null;
    const out = args.out !== null || args.isOut !== null;
    return out && args.isBridged !== true && hooks.has('OUTPUT') ? 'EINVAL' : null;
  },
  save: text,
  list: (args) => `PHYSDEV match${text(args)}`,
  apply(args, { ns, packet }) {
    const inName = packet.physIn ? (ns.links.get(packet.physIn)?.name ?? '') : '';
    const outName = packet.physOut ? (ns.links.get(packet.physOut)?.name ?? '') : '';
    if (args.isIn !== null && (inName !== '') !== args.isIn) return false;
    if (args.isOut !== null && (outName !== '') !== args.isOut) return false;
    if (args.isBridged !== null && (inName !== '' && outName !== '') !== args.isBridged) return false;
    if (args.in && interfaceFits(args.in.name, inName) === args.in.not) return false;
    if (args.out && interfaceFits(args.out.name, outName) === args.out.not) return false;
    return true;
  },
});
