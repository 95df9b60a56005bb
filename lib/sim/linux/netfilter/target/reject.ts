import { defineTarget, fail } from '../ext.ts';
import { sendReject, sendTcpReset } from '../reject.ts';

interface RejectType {
  name: string;
  alias: string;
  type: number;
  code: number;
}

const TYPES4: RejectType[] = [
  { name: 'icmp-net-unreachable', alias: 'net-unreach', type: 3, code: 0 },
  { name: 'icmp-host-unreachable', alias: 'host-unreach', type: 3, code: 1 },
  { name: 'icmp-proto-unreachable', alias: 'proto-unreach', type: 3, code: 2 },
  { name: 'icmp-port-unreachable', alias: 'port-unreach', type: 3, code: 3 },
  { name: 'icmp-net-prohibited', alias: 'net-prohib', type: 3, code: 9 },
  { name: 'icmp-host-prohibited', alias: 'host-prohib', type: 3, code: 10 },
  { name: 'tcp-reset', alias: 'tcp-rst', type: -1, code: 0 },
  { name: 'icmp-admin-prohibited', alias: 'admin-prohib', type: 3, code: 13 },
];

const TYPES6: RejectType[] = [
  { name: 'icmp6-no-route', alias: 'no-route', type: 1, code: 0 },
  { name: 'icmp6-adm-prohibited', alias: 'adm-prohibited', type: 1, code: 1 },
  { name: 'icmp6-addr-unreachable', alias: 'addr-unreach', type: 1, code: 3 },
  { name: 'icmp6-port-unreachable', alias: 'port-unreach', type: 1, code: 4 },
  { name: 'tcp-reset', alias: 'tcp-reset', type: -1, code: 0 },
  { name: 'icmp6-policy-fail', alias: 'policy-fail', type: 1, code: 5 },
  { name: 'icmp6-reject-route', alias: 'reject-route', type: 1, code: 6 },
];

const prefixOf = (text: string, word: string): boolean => text !== '' && word.startsWith(text.toLowerCase());

export const reject = defineTarget<{ with: string; type: number; code: number }>({
  name: 'REJECT',
  options: [{ name: 'reject-with', arg: true }],
  init: (ctx) =>
    ctx.family === 'ip'
      ? { with: 'icmp-port-unreachable', type: 3, code: 3 }
      : { with: 'icmp6-port-unreachable', type: 1, code: 4 },
  option(args, _id, value, _not, ctx) {
    const found = (ctx.family === 'ip' ? TYPES4 : TYPES6).find(
      (t) => prefixOf(value, t.name) || prefixOf(value, t.alias),
    );
    if (found) {
      Object.assign(args, { with: found.name, type: found.type, code: found.code });
      return;
    }
    if (ctx.family === 'ip' && ['echo-reply', 'echoreply'].some((w) => prefixOf(value, w))) {
      ctx.warnings.push('--reject-with echo-reply no longer supported\n');
    }
    fail(`unknown reject type "${value}"`);
  },
  accept(args, { table, hooks, head }) {
    if (table !== 'filter') return 'EINVAL';
    if ([...hooks].some((h) => h !== 'INPUT' && h !== 'FORWARD' && h !== 'OUTPUT')) return 'EINVAL';
    return args.type === -1 && (head.proto?.number !== 6 || head.proto.not) ? 'EINVAL' : null;
  },
  save: (args) => ` --reject-with ${args.with}`,
  list: (args) => `reject-with ${args.with}`,
  apply(args, state) {
    if (args.type === -1) sendTcpReset(state);
    else sendReject(state, args.type, args.code);
    return 'DROP';
  },
});
