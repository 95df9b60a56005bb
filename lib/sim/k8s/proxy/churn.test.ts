import { expect, it } from 'vitest';
import { Cluster, podsOf } from '../../test/kube-proxy/cluster.ts';
import type { Mode } from '../../test/kube-proxy/harness.ts';

const CHECK_EVERY = 25;

/** How a mode's data plane tells the endpoints of default/web:http. */
const ENDPOINTS: Record<Mode, string> = {
  iptables: 'iptables-save -t nat | grep "default/web:http\\"" | grep -o "to-destination [0-9.]*" | cut -d" " -f2',
  // Weight 0: the endpoint is gone and its connections are left to end.
  ipvs: 'ipvsadm -Ln -t 10.96.10.10:80 2>/dev/null | awk \'$1 == "->" && $4 > 0 {print $2}\' | cut -d: -f1 | grep ^10',
  nftables:
    'nft list chain ip kube-proxy service-SUSTUHLJ-default/web/tcp/http 2>/dev/null | grep vmap | grep -o "__[0-9.]*" | cut -c3-',
};
const NODES = ['control-plane', 'node1', 'node2'];

/** Random numbers of the test's own. */
function* numbers(seed: number): Generator<number> {
  for (let x = seed; ; ) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    yield x;
  }
}

it.each<[number, Mode]>([
  [500, 'iptables'],
  [100, 'ipvs'],
  [100, 'nftables'],
])(
  'agrees on every node after %i random operations in %s mode: Pods, EndpointSlices, rules, what is reached, addresses',
  (operationCount, mode) => {
    const cluster = new Cluster(mode);
    const random = numbers(20261124);
    const below = (n: number) => Math.floor(((random.next().value as number) / 2 ** 32) * n);
    const kubectl = (cmd: string) => cluster.on('control-plane', `kubectl ${cmd}`);
    const podList = (selector = '') =>
      kubectl(`get pods ${selector} --no-headers -o custom-columns=N:.metadata.name,I:.status.podIP,H:.spec.nodeName`)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(/ +/) as [name: string, ip: string, node: string]);

    const operations = [
      () => kubectl(`scale deployment web --replicas=${below(9)}`),
      () => {
        const pods = podList('-l app=web');
        const pod = pods[below(pods.length)];
        if (pod) kubectl(`delete pod ${pod[0]} --force --grace-period=0`);
      },
      () => {
        // Out of the Service, and so replaced.
        const pods = podList('-l app=web');
        const pod = pods[below(pods.length)];
        if (pod) kubectl(`label pod ${pod[0]} app=apart --overwrite`);
      },
      () => {
        for (const [name] of podList('-l app=apart')) kubectl(`delete pod ${name} --force --grace-period=0`);
      },
      () =>
        kubectl(`patch service web --type=merge -p '{"spec":{"sessionAffinity":"${below(2) ? 'None' : 'ClientIP'}"}}'`),
      () =>
        kubectl(
          `patch service web-public --type=merge -p '{"spec":{"externalTrafficPolicy":"${below(2) ? 'Local' : 'Cluster'}"}}'`,
        ),
      () => cluster.on('control-plane', `sleep ${1 + below(4)}`),
    ];

    const agree = (): void => {
      kubectl(`patch service web --type=merge -p '{"spec":{"sessionAffinity":"None"}}'`);
      cluster.on('control-plane', 'sleep 6');
      const pods = podList('-l app=web');
      const ips = pods.map(([, ip]) => ip).sort();
      const slices = kubectl(
        "get endpointslices -l kubernetes.io/service-name=web -o jsonpath='{.items[*].endpoints[*].addresses[0]}'",
      );
      expect(slices.split(' ').filter(Boolean).sort()).toEqual(ips);
      for (const node of NODES) {
        const rules = cluster.on(node, `${ENDPOINTS[mode]}; true`);
        expect(rules.split('\n').filter(Boolean).sort()).toEqual(ips);
      }
      for (const from of ['pod-a', 'node2'] as const) {
        const reached = podsOf(cluster.ask(from, 'http://10.96.10.10/', 12 * Math.max(1, ips.length)));
        expect(reached).toEqual(ips.length === 0 ? ['exit 7'] : pods.map(([name]) => name).sort());
      }
      const all = kubectl('get pods -A --no-headers -o custom-columns=I:.status.podIP,H:.spec.nodeName').split('\n');
      for (const node of NODES) {
        const used = cluster
          .on(node, 'ls /var/lib/cni/networks/cbr0 2>/dev/null | grep ^10; true')
          .split('\n')
          .filter(Boolean);
        const held = all.map((line) => line.split(/ +/)).filter(([ip, on]) => on === node && ip?.startsWith('10.244.'));
        expect(used.sort()).toEqual(held.map(([ip]) => ip).sort());
      }
    };

    for (let i = 1; i <= operationCount; i++) {
      operations[below(operations.length)]?.();
      if (i % CHECK_EVERY === 0) agree();
    }
  },
  180_000,
);
