import { expect, it } from 'vitest';
import { Cluster, podsOf } from '../../test/kube-proxy/cluster.ts';

/** Another seed is tried by CHURN_SEED. */
const SEED = Number(process.env.CHURN_SEED ?? 20261124);
const OPERATIONS = 500;
const CHECK_EVERY = 50;
/** Seconds after which everything has followed: a Pod's grace, a node's return, a rolling update's steps. */
const SETTLED = 90;
const NODES = ['control-plane', 'node1', 'node2'];
const WORKERS = ['node1', 'node2'];

/** Random numbers of the test's own. */
function numbers(seed: number): (n: number) => number {
  let x = seed >>> 0;
  return (n) => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return Math.floor((x / 2 ** 32) * n);
  };
}

class Churn {
  readonly cluster = new Cluster('iptables');
  readonly below = numbers(SEED);
  turn = 0;

  kubectl(cmd: string): string {
    return this.cluster.on('control-plane', `kubectl ${cmd}`);
  }

  patch(what: string, body: unknown): void {
    this.kubectl(`patch ${what} --type=merge -p '${JSON.stringify(body)}'`);
  }

  /** Name, address and node of Pods. */
  pods(selector: string): [name: string, ip: string, node: string][] {
    return this.kubectl(
      `get pods ${selector} --no-headers -o custom-columns=N:.metadata.name,I:.status.podIP,H:.spec.nodeName`,
    )
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(/ +/) as [string, string, string]);
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }

  readonly operations: readonly (() => void)[] = [
    () => this.kubectl(`scale deployment web --replicas=${1 + this.below(8)}`),
    () =>
      this.patch('deployment web', { spec: { template: { metadata: { annotations: { turn: `${++this.turn}` } } } } }),
    () => {
      const pods = this.pods('-l app=web');
      if (pods.length > 0) this.kubectl(`delete pod ${this.one(pods)[0]} --wait=false`);
    },
    () => {
      const pods = this.pods('-l app=web');
      if (pods.length > 0) this.kubectl(`delete pod ${this.one(pods)[0]} --force --grace-period=0`);
    },
    // Out of the Service and its ReplicaSet, which makes up for it.
    () => {
      const pods = this.pods('-l app=web');
      if (pods.length > 0) this.kubectl(`label pod ${this.one(pods)[0]} app=apart --overwrite`);
    },
    () => {
      for (const [name] of this.pods('-l app=apart')) this.kubectl(`delete pod ${name} --force --grace-period=0`);
    },
    () => this.patch(`node ${this.one(WORKERS)}`, { spec: { unschedulable: this.below(2) === 1 } }),
    // A drain.
    () => {
      const node = this.one(WORKERS);
      this.patch(`node ${node}`, { spec: { unschedulable: true } });
      for (const [name, , on] of this.pods('-l app=web'))
        if (on === node) this.kubectl(`delete pod ${name} --wait=false`);
    },
    () =>
      this.patch(`node ${this.one(WORKERS)}`, {
        spec: { taints: [{ key: 'churn', effect: this.one(['NoSchedule', 'NoExecute']) }] },
      }),
    () => this.patch(`node ${this.one(WORKERS)}`, { spec: { taints: [] } }),
    () => this.cluster.on(this.one(NODES), 'systemctl restart kubelet'),
    () => this.cluster.on('control-plane', `sleep ${1 + this.below(8)}`),
  ];

  /** Opens the nodes, lets everything follow, and compares what each part of the cluster believes. */
  agree(): void {
    for (const node of WORKERS) this.patch(`node ${node}`, { spec: { unschedulable: false, taints: [] } });
    this.cluster.on('control-plane', `sleep ${SETTLED}`);
    const pods = this.pods('-l app=web');
    const ips = pods.map(([, ip]) => ip).sort();
    const wanted = this.kubectl(
      "get deployment web -o jsonpath='{.spec.replicas} {.status.availableReplicas} {.status.updatedReplicas}'",
    );
    expect(wanted).toBe(Array(3).fill(pods.length).join(' '));
    const slices = this.kubectl(
      "get endpointslices -l kubernetes.io/service-name=web -o jsonpath='{.items[*].endpoints[?(@.conditions.ready==true)].addresses[0]}'",
    );
    expect(slices.split(' ').filter(Boolean).sort()).toEqual(ips);
    const old = this.kubectl("get endpoints web -o jsonpath='{.subsets[*].addresses[*].ip}' 2>/dev/null");
    expect(old.split(' ').filter(Boolean).sort()).toEqual(ips);
    for (const node of NODES) {
      const rules = this.cluster.on(
        node,
        'iptables-save -t nat | grep "default/web:http\\"" | grep -o "to-destination [0-9.]*" | cut -d" " -f2; true',
      );
      expect(rules.split('\n').filter(Boolean).sort()).toEqual(ips);
    }
    for (const from of ['control-plane', 'node2'] as const)
      expect(podsOf(this.cluster.ask(from, 'http://10.96.10.10/', 12 * ips.length))).toEqual(
        pods.map(([name]) => name).sort(),
      );
    const all = this.pods('-A').filter(([, ip]) => ip.startsWith('10.244.'));
    for (const node of NODES) {
      const used = this.cluster.on(node, 'ls /var/lib/cni/networks/cbr0 2>/dev/null | grep ^10; true').split('\n');
      expect(used.filter(Boolean).sort()).toEqual(
        all
          .filter(([, , on]) => on === node)
          .map(([, ip]) => ip)
          .sort(),
      );
    }
  }
}

it(`agrees after ${OPERATIONS} random operations: kill, drain, scale, roll, label, taint, delete, restart`, () => {
  const churn = new Churn();
  for (let i = 1; i <= OPERATIONS; i++) {
    churn.one(churn.operations)();
    if (i % CHECK_EVERY === 0) churn.agree();
  }
});
