/** kube-proxy as a command: what an operator runs by hand. As a service of a node it is a Pod, or a unit. Source: cmd/kube-proxy/app of 1.34. */
import { modes } from '../../k8s/proxy/modes.ts';
import { KUBERNETES_VERSION } from '../../k8s/version.ts';
import type { Proc, Program } from '../../kernel/process.ts';
import { parseFlags } from '../../text/pflag.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';

const FLAGS = [
  { name: 'cleanup', bool: true },
  { name: 'version', bool: true },
  { name: 'help', short: 'h', bool: true },
  { name: 'config' },
  { name: 'proxy-mode' },
  { name: 'cluster-cidr' },
  { name: 'hostname-override' },
  { name: 'bind-address' },
  { name: 'nodeport-addresses' },
];

function* run(proc: Proc): Program {
  const parsed = parseFlags(proc.argv.slice(1), FLAGS);
  if (!parsed.ok) {
    yield* printErr(`Error: ${parsed.error}\n`);
    return 1;
  }
  const { values } = parsed.flags;
  if (values.has('version')) {
    yield* print(`Kubernetes ${KUBERNETES_VERSION}\n`);
    return 0;
  }
  if (!values.has('cleanup')) return yield* notModelled('kube-proxy by hand, without --cleanup or --version');
  for (const mode of modes) mode.cleanup(proc.world, proc.host, proc.netns);
  return 0;
}

export const command = defineCommand({
  name: 'kube-proxy',
  dir: '/usr/local/bin',
  summary: "removes what kube-proxy's modes have written (--cleanup)",
  images: [],
  options: FLAGS.map(({ name, bool }) => ({
    flag: `--${name}`,
    ...(bool ? {} : { value: name }),
    modelled: name === 'cleanup' || name === 'version',
  })),
  notModelled: ['kube-proxy as a service started by hand …'],
  run,
});
