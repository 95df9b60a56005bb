import { describe, expect, it } from 'vitest';
import { hashValue } from '../kernel/hash.ts';
import { runStep } from '../run-steps.ts';
import { buildScene } from './build.ts';

const machine = buildScene('flannel-vxlan', 7);
const on = (host: string) => (cmd: string) => {
  const { stdout, stderr, exit } = runStep(machine, { host, cmd });
  return { stdout, stderr, exit };
};
const [admin, node1] = [on('control-plane'), on('node1')];

describe('flannel-vxlan', () => {
  it('is the same for the same seed', () => {
    expect(hashValue(buildScene('flannel-vxlan', 3).world)).toBe(hashValue(buildScene('flannel-vxlan', 3).world));
  });

  it('gives Pods the addresses of the course', () => {
    const { stdout } = admin(
      'kubectl get pods pod-a pod-b pod-c -o custom-columns=NAME:.metadata.name,IP:.status.podIP,NODE:.spec.nodeName',
    );
    expect(stdout).toBe(
      'NAME    IP           NODE\npod-a   10.244.1.5   node1\npod-b   10.244.1.6   node1\npod-c   10.244.2.5   node2\n',
    );
  });

  it('is wired as flannel and its plugin wire it', () => {
    expect(node1('ip route show').stdout).toBe(
      'default via 192.168.56.1 dev eth0 \n10.244.0.0/24 via 10.244.0.0 dev flannel.1 onlink \n' +
        '10.244.1.0/24 dev cni0 proto kernel scope link src 10.244.1.1 \n10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink \n' +
        '192.168.56.0/24 dev eth0 proto kernel scope link src 192.168.56.11 \n',
    );
    expect(admin('kubectl exec pod-a -- ip route show').stdout).toBe(
      'default via 10.244.1.1 dev eth0 \n10.244.0.0/16 via 10.244.1.1 dev eth0 \n10.244.1.0/24 dev eth0 proto kernel scope link src 10.244.1.5 \n',
    );
    expect(node1('cat /run/flannel/subnet.env').stdout).toBe(
      'FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n',
    );
  });

  it('carries packets between Pods, through Services and from nodes', () => {
    expect(admin('kubectl exec pod-a -- ping -c2 10.244.2.5').stdout).toMatch(
      /icmp_seq=2 ttl=62 .*\n\n.*\n2 packets transmitted, 2 received, 0% packet loss/,
    );
    expect(admin('kubectl exec pod-a -- curl -s http://web/x').stdout).toMatch(
      /^Hello from web-\w+-\w{5}\nyou are 10\.244\.1\.5:\d+, you asked GET \/x\n$/,
    );
    expect(node1('curl -s http://192.168.56.12:30080/').stdout).toMatch(/^Hello from web-/);
    expect(admin('kubectl exec pod-a -- nslookup kubernetes.default').stdout).toContain(
      'Name:\tkubernetes.default.svc.cluster.local\nAddress: 10.96.0.1\n',
    );
  });

  it('says why a Pod does not start, and starts it once it can', () => {
    node1('mv /run/flannel/subnet.env /tmp/');
    const pod =
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"late"},"spec":{"nodeName":"node1","containers":[{"name":"c","image":"busybox"}]}}';
    expect(
      admin(`kubectl apply -f - <<< '${pod}'; sleep 1; kubectl get pod late --no-headers | awk '{print $3}'`).stdout,
    ).toBe('pod/late created\nContainerCreating\n');
    const reason = `plugin type="flannel" name="cbr0" failed (add): failed to load flannel 'subnet.env' file: open /run/flannel/subnet.env: no such file or directory. Check the flannel pod log for this node.\n`;
    expect(admin('kubectl describe pod late | tail -1').stdout.endsWith(reason)).toBe(true);
    expect(node1('journalctl -u kubelet -n 1').stdout).toContain('pod_workers.go:');
    node1('mv /tmp/subnet.env /run/flannel/; sleep 20');
    expect(admin('kubectl get pod late -o jsonpath={.status.podIP}').stdout).toBe('10.244.1.7');
  });

  it('makes flannel.1 anew with the address that the node has published', () => {
    const before = node1('cat /sys/class/net/flannel.1/address').stdout;
    expect(
      node1('ip link del flannel.1; sleep 6; cat /sys/class/net/flannel.1/address; ip neigh show dev flannel.1 | wc -l')
        .stdout,
    ).toBe(`${before}2\n`);
  });
});
