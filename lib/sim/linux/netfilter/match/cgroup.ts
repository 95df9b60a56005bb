import { defineMatch } from '../ext.ts';
import { saveString, uintOption } from '../values.ts';

interface CgroupArgs {
  path: { text: string; not: boolean } | null;
  classid: { id: number; not: boolean } | null;
}

/** The control group of the packet's socket. Processes of the model stand in the root group with class 0. */
export const cgroup = defineMatch<CgroupArgs>({
  name: 'cgroup',
  options: [
    { name: 'path', arg: true, invert: true },
    { name: 'cgroup', arg: true, invert: true },
  ],
  init: () => ({ path: null, classid: null }),
  option(args, id, value, not) {
    if (id === 'path') {
      args.path = { text: value, not };
    } else args.classid = { id: uintOption('cgroup', 'cgroup', value, 0, 0xffffffff), not };
  },
  accept: (args, { hooks }) =>
    (args.path === null) === (args.classid === null) || hooks.has('FORWARD') || hooks.has('PREROUTING')
      ? 'EINVAL'
      : null,
  save(args) {
    const path = args.path ? `${args.path.not ? ' !' : ''} --path${saveString(args.path.text)}` : '';
    return path + (args.classid ? `${args.classid.not ? ' !' : ''} --cgroup ${args.classid.id}` : '');
  },
  list(args) {
    const path = args.path ? ` ${args.path.not ? '! ' : ''}${args.path.text}` : '';
    return `cgroup${path}${args.classid ? ` ${args.classid.not ? '! ' : ''}${args.classid.id}` : ''}`;
  },
  apply(args, { ns, packet }) {
    const l4 = packet.tcp ?? packet.udp;
    const own = l4 && [...ns.sockets.values()].some((s) => s.local.port === l4.sport || s.local.port === l4.dport);
    if (!own) return false;
    if (args.path) return (args.path.text === '/' || args.path.text === '') !== args.path.not;
    return args.classid !== null && (args.classid.id === 0) !== args.classid.not;
  },
});
