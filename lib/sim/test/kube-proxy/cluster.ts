/** A cluster whose kube-proxy runs in a mode, and the questions that packets answer: who took a connection, and whom did it see? */
import type { Machine } from '../../kernel/machine.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';
import type { Mode } from './harness.ts';

export interface Answer {
  /** The Pod that answered; `exit N` of curl when none did. */
  pod: string;
  /** The address that the Pod saw. */
  source: string;
}

/** Where a connection comes from. */
export type From = 'pod-a' | 'pod-b' | 'pod-c' | 'control-plane' | 'node1' | 'node2' | 'gateway';

export class Cluster {
  readonly machine: Machine;

  constructor(mode: Mode) {
    this.machine = buildScene('flannel-vxlan', 1);
    if (mode === 'iptables') return;
    const text = `apiVersion: kubeproxy.config.k8s.io/v1alpha1\\nkind: KubeProxyConfiguration\\nclusterCIDR: 10.244.0.0/16\\nmode: ${mode}\\n`;
    this.on(
      'control-plane',
      `kubectl -n kube-system patch configmap kube-proxy --type=merge -p '{"data":{"config.conf":"${text}"}}'`,
    );
    this.on('control-plane', 'kubectl -n kube-system delete pod -l k8s-app=kube-proxy; sleep 5');
  }

  /** Runs a command; its output. Throws when it fails. */
  on(host: string, cmd: string): string {
    const { stdout, stderr, exit } = runStep(this.machine, { host, cmd });
    if (exit !== 0) throw new Error(`${cmd.slice(0, 200)} on ${host} ended with ${exit}: ${stderr}`);
    return stdout;
  }

  apply(...objects: string[]): void {
    this.on('control-plane', `kubectl apply -f - <<'EOF'\n${objects.join('\n---\n')}\nEOF`);
    this.on('control-plane', 'sleep 3');
  }

  /** Runs a command in a Pod or on a machine. */
  from(from: From, cmd: string): string {
    if (!from.startsWith('pod-')) return this.on(from, cmd);
    return this.on('control-plane', `kubectl exec ${from} -- sh -c '${cmd}'`);
  }

  /** Asks a URL so many times, each by a connection of its own. */
  ask(from: From, url: string, times = 1): Answer[] {
    const text = this.from(from, `for i in $(seq ${times}); do curl -s -m 2 ${url} || echo "exit $?"; done; true`);
    const answers: Answer[] = [];
    for (const line of text.split('\n')) {
      const hello = /^Hello from (.*)$/.exec(line);
      const you = /^you are (.*):\d+, /.exec(line);
      if (hello) answers.push({ pod: hello[1] ?? '', source: '' });
      else if (you) (answers.at(-1) as Answer).source = you[1] ?? '';
      else if (line !== '') answers.push({ pod: line, source: '' });
    }
    return answers;
  }

  /** Names of the web application's Pods on a node, sorted. */
  pods(node?: string): string[] {
    return this.on(
      'control-plane',
      'kubectl get pods -l app=web -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName --no-headers',
    )
      .split('\n')
      .map((line) => line.split(/ +/))
      .filter(([name, on]) => name && (node === undefined || on === node))
      .map(([name]) => name as string)
      .sort();
  }
}

export const podsOf = (answers: readonly Answer[]): string[] => [...new Set(answers.map((a) => a.pod))].sort();
export const sourcesOf = (answers: readonly Answer[]): string[] => [...new Set(answers.map((a) => a.source))].sort();
