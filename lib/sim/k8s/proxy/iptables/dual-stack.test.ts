import { beforeAll, describe, expect, it } from 'vitest';
import { runStep } from '../../../run-steps.ts';
import { buildScene } from '../../../scene/build.ts';
import { must } from '../../../test/kube-proxy/harness.ts';
import { config, node, service, slice } from '../../../test/kube-proxy/objects.ts';

const machine = buildScene('kube-proxy-iptables', 1);
const on = (host: string, cmd: string): string => {
  const { stdout, stderr, exit } = runStep(machine, { host, cmd });
  if (exit !== 0) throw new Error(`${cmd} on ${host} ended with ${exit}: ${stderr}`);
  return stdout;
};

/** A Pod made by hand: a namespace on a bridge, with a server that tells who it is and whom it sees. */
const pod = (name: string, n: number): string =>
  [
    `ip netns add ${name}`,
    `ip link add v${n} type veth peer name eth0 netns ${name}`,
    `ip link set v${n} master cni0 up`,
    `ip link set v${n} type bridge_slave hairpin on`,
    `ip -n ${name} link set lo up`,
    `ip -n ${name} link set eth0 up`,
    `ip -n ${name} addr add 10.244.0.${n}/24 dev eth0`,
    `ip -n ${name} addr add fd00:10:244::${n}/64 dev eth0 nodad`,
    `ip -n ${name} route add default via 10.244.0.1`,
    `ip -n ${name} -6 route add default via fd00:10:244::1`,
    `(ip netns exec ${name} ncat -lk -p 8080 --sh-exec 'echo ${name} $NCAT_REMOTE_ADDR' > /dev/null 2>&1 &)`,
  ].join(' && ');

describe('both families', () => {
  beforeAll(() => {
    const both = { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'], type: 'NodePort' };
    const web = JSON.parse(
      service({ name: 'web', ip: '10.96.0.80', ports: [['http', 80, 'TCP', 8080, 30080]], spec: both }),
    );
    web.spec.clusterIPs = ['10.96.0.80', 'fd00:10:96::80'];
    must(
      machine,
      `kubectl apply -f - <<'EOF'\n${[
        node('node-1', ['172.18.0.2', 'fd00:172:18::2']),
        config('mode: iptables\nclusterCIDR: 10.244.0.0/16,fd00:10:244::/56\n'),
        JSON.stringify(web),
        slice(
          'web',
          [['http', 8080]],
          [
            { ip: '10.244.0.11', node: 'node-1' },
            { ip: '10.244.0.12', node: 'node-1' },
          ],
          { suffix: 'four' },
        ),
        slice(
          'web',
          [['http', 8080]],
          [
            { ip: 'fd00:10:244::11', node: 'node-1' },
            { ip: 'fd00:10:244::12', node: 'node-1' },
          ],
          { suffix: 'six' },
        ),
      ].join('\n---\n')}\nEOF`,
    );
    on(
      'node-1',
      'ip link add cni0 type bridge && ip link set cni0 up && ip addr add 10.244.0.1/24 dev cni0 && ip addr add fd00:10:244::1/64 dev cni0 nodad',
    );
    on('node-1', pod('p1', 11));
    on('node-1', pod('p2', 12));
    on('node-1', 'sleep 4');
  }, 60_000);

  /** Who answers at an address, and which sources were seen, over many connections. */
  const ask = (host: string, netns: string, to: string): { pods: string[]; sources: string[] } => {
    const enter = netns === '' ? '' : `ip netns exec ${netns} `;
    const text = on(host, `for i in $(seq 16); do ${enter}timeout 2 ncat --recv-only ${to}; done`);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    const set = (n: number) => [...new Set(lines.map((words) => words[n] ?? ''))].sort();
    return { pods: set(0), sources: set(1) };
  };

  it.each([
    ['IPv4', '10.96.0.80', '172.18.0.2', '10.244.0.11', '10.244.0.1', '172.18.0.1'],
    ['IPv6', 'fd00:10:96::80', 'fd00:172:18::2', 'fd00:10:244::11', 'fd00:10:244::1', 'fd00:172:18::1'],
  ])('%s: cluster IP and node port from Pod, node and outside', (_, cluster, nodeIp, p1, bridge) => {
    const pods = ['p1', 'p2'];
    // The Pod's own address at the other Pod, the bridge's at itself.
    expect(ask('node-1', 'p1', `${cluster} 80`)).toEqual({ pods, sources: [bridge, p1].sort() });
    expect(ask('node-1', '', `${cluster} 80`)).toEqual({ pods, sources: [bridge] });
    expect(ask('gateway', '', `${nodeIp} 30080`)).toEqual({ pods, sources: [bridge] });
    expect(ask('node-1', '', `${nodeIp} 30080`)).toEqual({ pods, sources: [bridge] });
  });

  it('node ports answer at 127.0.0.1, not at ::1', () => {
    expect(ask('node-1', '', '127.0.0.1 30080').pods).toEqual(['p1', 'p2']);
    expect(runStep(machine, { cmd: 'timeout 2 ncat --recv-only ::1 30080' }).stderr).toContain('Connection refused');
  });

  it('refuses in one family what only the other has endpoints for', () => {
    on('node-1', 'kubectl delete endpointslice web-six; sleep 2');
    expect(runStep(machine, { cmd: 'timeout 2 ncat --recv-only fd00:10:96::80 80' }).stderr).toContain(
      'Connection refused',
    );
    expect(ask('node-1', 'p1', '10.96.0.80 80').pods).toEqual(['p1', 'p2']);
  });
});
