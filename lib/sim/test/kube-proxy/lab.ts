/**
 * For packets through kube-proxy's rules: the scenario's node with Pods a and b, the machine outside with Pod c behind it, as one of
 * another node would be, and listeners in all of them. Who served a connection, and whom it took for the client, is read from the
 * node's connection tracking.
 */
import type { Machine } from '../../kernel/machine.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';
import { type Mode, must } from './harness.ts';

const pod = (name: string, address: string, gateway: string): string =>
  [
    `ip netns add ${name}; ip link add v${name} type veth peer name eth0 netns ${name}; ip link set v${name} up`,
    `ip addr add ${gateway}/32 dev v${name}; ip route add ${address} dev v${name}`,
    `ip -n ${name} link set lo up; ip -n ${name} link set eth0 up; ip -n ${name} addr add ${address}/32 dev eth0`,
    `ip -n ${name} route add ${gateway} dev eth0; ip -n ${name} route add default via ${gateway}`,
    `ip netns exec ${name} nc -lk -p 8080 >/dev/null 2>&1 &`,
  ].join('\n');

/** Where connections begin. */
export type From = 'a' | 'b' | 'node' | 'outside' | 'allowed';

const OUTSIDE = 'gateway';

export class Lab {
  readonly machine: Machine;

  constructor(mode: Mode, manifests: string) {
    this.machine = buildScene(`kube-proxy-${mode}`, 1);
    this.node(pod('a', '10.244.0.11', '10.244.0.1'));
    this.node(pod('b', '10.244.0.12', '10.244.0.1'));
    this.node('ip route add 10.244.1.0/24 via 172.18.0.1');
    this.outside(pod('c', '10.244.1.21', '10.244.1.1'));
    // 198.51.100.5 is a client, too; addresses of Services lie behind the node.
    this.outside('sysctl -w net.ipv4.ip_forward=1; ip addr add 198.51.100.5/32 dev lo');
    for (const net of ['10.244.0.0/24', '203.0.113.0/24', '192.0.2.0/24', '10.96.0.0/16'])
      this.outside(`ip route add ${net} via 172.18.0.2`);
    this.node('ip route add 198.51.100.0/24 via 172.18.0.1');
    this.apply(manifests);
  }

  node(cmd: string): string {
    return must(this.machine, cmd);
  }

  outside(cmd: string): string {
    return runStep(this.machine, { host: OUTSIDE, cmd }).stdout;
  }

  /** Applies manifests and waits until kube-proxy has written what follows. */
  apply(manifests: string): void {
    this.node(`kubectl apply -f - <<'EOF'\n${manifests}\nEOF\nsleep 3`);
  }

  /** One connection: `10.244.0.11 sees 10.244.0.12`, `refused` or `silent`. */
  connect(from: From, address: string, port: number): string {
    const at = from === 'outside' || from === 'allowed' ? { host: OUTSIDE } : {};
    const source = from === 'allowed' ? '-s 198.51.100.5 ' : '';
    const where = from === 'a' || from === 'b' ? `ip netns exec ${from} ` : '';
    this.node('conntrack -F 2>/dev/null');
    const cmd = `${where}nc -zv -w 2 ${source}${address} ${port}`;
    const { stderr, exit } = runStep(this.machine, { ...at, cmd });
    if (exit !== 0) return stderr.includes('refused') ? 'refused' : 'silent';
    const tuples = this.node('conntrack -L -p tcp 2>/dev/null').split('\n');
    const mine = tuples.find((line) => line.includes(` dst=${address} `) && line.includes(` dport=${port} `)) ?? '';
    const [, server, seen] = / src=\S+ dst=\S+ sport=\d+ dport=\d+ src=(\S+) dst=(\S+)/.exec(mine) ?? [];
    return `${server} sees ${seen}`;
  }
}
