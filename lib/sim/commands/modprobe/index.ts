/** modprobe of kmod 30: loads the kernel modules that the model knows. */
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { loadTunnelModule } from '../../linux/link/tunnel-module.ts';
import { shortOptions } from '../../text/shortopts.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, printErr } from '../io.ts';

/** Modules whose functions are there in any case: loading them only notes their name. */
const KNOWN = new Set([
  'bridge',
  'veth',
  'vxlan',
  'dummy',
  'macvlan',
  'ipvlan',
  '8021q',
  'overlay',
  'nf_conntrack',
  'nf_nat',
  'nf_tables',
  'ip_tables',
  'ip6_tables',
  'iptable_filter',
  'iptable_nat',
  'iptable_mangle',
  'iptable_raw',
  'ip_set',
  'ip_vs',
  'ip_vs_rr',
  'ip_vs_wrr',
  'ip_vs_lc',
  'ip_vs_wlc',
  'ip_vs_sh',
  'ip_vs_dh',
  'ip_vs_mh',
  'ip_vs_sed',
  'ip_vs_nq',
  'xt_conntrack',
  'xt_MASQUERADE',
  'xt_comment',
  'xt_mark',
  'xt_multiport',
  'xt_set',
  'xt_statistic',
  'xt_addrtype',
  'br_netfilter',
]);

function* load(proc: Proc, module: string): Io<number> {
  const name = module.replaceAll('-', '_');
  if (name === 'ipip' || name === 'ip_gre') loadTunnelModule(proc.world, proc.host, name);
  else if (KNOWN.has(name)) {
    if (name.startsWith('ip_vs_')) proc.host.modules.add('ip_vs');
    proc.host.modules.add(name);
  } else return yield* notModelled(`kernel module ${module}`);
  return 0;
}

function* main(proc: Proc): Program {
  const words = shortOptions(['modprobe', ...proc.argv.slice(1)], 'aqrv');
  if (words.error) {
    yield* printErr(words.error);
    return 1;
  }
  const [first] = words.args;
  if (first === undefined) {
    yield* printErr('modprobe: ERROR: missing parameters. See -h.\n');
    return 1;
  }
  const letters = words.options.map(([letter]) => letter);
  if (letters.includes('r')) {
    if (words.args.some((name) => name.replaceAll('-', '_') !== 'br_netfilter'))
      return yield* notModelled('modprobe -r of anything but br_netfilter');
    if (!proc.host.modules.delete('br_netfilter') && !letters.includes('q')) {
      yield* printErr('modprobe: FATAL: Module br_netfilter is not in kernel.\n');
      return 1;
    }
    return 0;
  }
  // Without -a what follows the name are the module's parameters.
  for (const name of letters.includes('a') ? words.args : [first]) {
    const status = yield* load(proc, name);
    if (status !== 0) return status;
  }
  return 0;
}

export const command = defineCommand({
  name: 'modprobe',
  dir: '/usr/sbin',
  summary: 'add and remove kernel modules',
  images: ['node'],
  options: [
    { flag: '-a', modelled: true },
    { flag: '-q', modelled: true },
    { flag: '-r', modelled: true },
    { flag: '-v', modelled: true },
  ],
  run: main,
});
