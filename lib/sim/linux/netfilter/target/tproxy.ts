import { formatIp, type Ip } from '../../../addr/ip.ts';
import { defineTarget } from '../ext.ts';
import { hex, markOption, uintOption } from '../values.ts';
import { hostOption } from '../xtopt.ts';

interface TproxyArgs {
  port: number;
  ip: Ip;
  value: number;
  mask: number;
}

export const tproxy = defineTarget<TproxyArgs>({
  name: 'TPROXY',
  options: [
    { name: 'on-port', arg: true, must: true },
    { name: 'on-ip', arg: true },
    { name: 'tproxy-mark', arg: true },
  ],
  init: (ctx) => ({ port: 0, ip: ctx.family === 'ip' ? 0 : 0n, value: 0, mask: 0 }),
  option(args, id, value, _not, ctx) {
    if (id === 'on-port') args.port = uintOption('TPROXY', id, value, 0, 65535);
    else if (id === 'tproxy-mark') Object.assign(args, markOption('TPROXY', id, value));
    else args.ip = hostOption(value, ctx);
  },
  accept(_args, { table, hooks, head }) {
    if (table !== 'mangle' || [...hooks].some((h) => h !== 'PREROUTING')) return 'EINVAL';
    return (head.proto?.number === 6 || head.proto?.number === 17) && !head.proto.not ? null : 'EINVAL';
  },
  save: (args) =>
    ` --on-port ${args.port} --on-ip ${formatIp(args.ip)} --tproxy-mark ${hex(args.value)}/${hex(args.mask)}`,
  list: (args) => `TPROXY redirect ${formatIp(args.ip)}:${args.port} mark ${hex(args.value)}/${hex(args.mask)}`,
  // Without a transparent socket on that port the kernel drops; the model's sockets are never transparent.
  apply: () => 'DROP',
});
