/** The systemd units of a cluster's node, and how they are started. Source: the packages kubelet 1.34 and containerd.io 2.1. */

import type { Machine } from '../../kernel/machine.ts';
import type { FileDesc, Proc, Program } from '../../kernel/process.ts';
import type { Host } from '../../kernel/world.ts';
import { sshd } from '../../shell/ssh/sshd.ts';
import { getNode, putFile } from '../../shell/vfs/tree.ts';
import { kubelet } from '../kubelet/program.ts';
import { idle } from '../programs/idle.ts';
import { kubeProxy } from '../proxy/program.ts';
import { journal, journalStream } from './journal.ts';

export interface Unit {
  name: string;
  description: string;
  /** Its file, and the drop-in beside it when there is one. */
  file: string;
  dropIn?: { folder: string; name: string };
  docs: string;
  argv: string[];
  main: (proc: Proc) => Program;
}

export const units: readonly Unit[] = [
  {
    name: 'containerd.service',
    description: 'containerd container runtime',
    file: '/lib/systemd/system/containerd.service',
    docs: 'https://containerd.io',
    argv: ['/usr/bin/containerd'],
    main: idle,
  },
  {
    name: 'kubelet.service',
    description: 'kubelet: The Kubernetes Node Agent',
    file: '/lib/systemd/system/kubelet.service',
    dropIn: { folder: '/usr/lib/systemd/system/kubelet.service.d', name: '10-kubeadm.conf' },
    docs: 'https://kubernetes.io/docs/',
    argv: [
      '/usr/bin/kubelet',
      '--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf',
      '--kubeconfig=/etc/kubernetes/kubelet.conf',
      '--config=/var/lib/kubelet/config.yaml',
    ],
    main: kubelet,
  },
  {
    name: 'ssh.service',
    description: 'OpenBSD Secure Shell server',
    file: '/lib/systemd/system/ssh.service',
    docs: 'man:sshd(8)',
    argv: ['/usr/sbin/sshd', '-D'],
    main: sshd,
  },
];

/** kube-proxy where it is installed on the machine itself, without a Pod: only some scenes have it. */
export const kubeProxyUnit: Unit = {
  name: 'kube-proxy.service',
  description: 'Kubernetes Kube Proxy',
  file: '/etc/systemd/system/kube-proxy.service',
  docs: 'https://kubernetes.io/docs/reference/command-line-tools-reference/kube-proxy/',
  argv: ['/usr/local/bin/kube-proxy'],
  main: kubeProxy,
};

const ENV = new Map([
  ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ['LANG', 'C.UTF-8'],
]);

const DROP_IN = `# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS
`;

const unitFile = (unit: Unit): string =>
  `[Unit]\nDescription=${unit.description}\nDocumentation=${unit.docs}\n\n[Service]\nExecStart=${unit.argv[0]}\nRestart=always\n\n[Install]\nWantedBy=multi-user.target\n`;

/** Whether a machine that is no node has the unit, too. */
export const everywhere = (unit: Unit): boolean => unit.main === sshd;

/** Puts units' files on a host, without starting them. */
export function installUnits(host: Host, which: readonly Unit[] = units): void {
  host.journal ??= [];
  for (const unit of which) {
    putFile(host.fs, unit.file, unitFile(unit));
    if (unit.dropIn) putFile(host.fs, `${unit.dropIn.folder}/${unit.dropIn.name}`, DROP_IN);
  }
}

/** The installed unit of a name, with or without `.service`. */
export const findUnit = (host: Host, name: string): Unit | undefined => {
  const full = name.includes('.') ? name : `${name}.service`;
  return [...units, kubeProxyUnit].find((u) => u.name === full && getNode(host.fs, u.file) !== undefined);
};

/** Last part of the program's path: what `ps` and the journal call it. */
export const programOf = (unit: Unit): string => (unit.argv[0] as string).split('/').at(-1) as string;

/** Its running process. */
export function unitProcess(machine: Machine, host: Host, unit: Unit): Proc | undefined {
  for (const proc of machine.procs.values()) {
    if (proc.host === host && proc.info.ppid === 1 && proc.info.container === '' && proc.argv[0] === unit.argv[0])
      return proc;
  }
  return undefined;
}

/** Starts a unit's program; its output goes to the journal. */
export function startUnit(machine: Machine, host: Host, unit: Unit): Proc | null {
  const { world } = machine;
  let started: Proc | null = null;
  const stream = journalStream(world, host, unit.name, programOf(unit), () => started?.info.pid ?? 0);
  const fds = new Map<number, FileDesc>([
    [0, { kind: 'null' }],
    [1, stream],
    [2, stream],
  ]);
  started = machine.spawn({
    host,
    argv: [...unit.argv],
    main: unit.main,
    daemon: true,
    cwd: '/',
    env: new Map(ENV),
    fds,
  });
  journal(world, host, unit.name, 'systemd', 1, `Started ${unit.name} - ${unit.description}.`);
  return started;
}

/** Stops it as `systemctl stop` does: SIGTERM. What it started goes on. */
export function stopUnit(machine: Machine, host: Host, unit: Unit): void {
  const proc = unitProcess(machine, host, unit);
  if (!proc) return;
  const { world } = machine;
  journal(world, host, unit.name, 'systemd', 1, `Stopping ${unit.name} - ${unit.description}...`);
  machine.signal(proc, 15);
  journal(world, host, unit.name, 'systemd', 1, `${unit.name}: Deactivated successfully.`);
  journal(world, host, unit.name, 'systemd', 1, `Stopped ${unit.name} - ${unit.description}.`);
}
