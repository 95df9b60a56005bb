import { describe, expect, it } from 'vitest';
import { runStep } from '../../../run-steps.ts';
import { type From, Lab } from '../../../test/kube-proxy/lab.ts';
import { SERVICES } from '../../../test/kube-proxy/services.ts';

const [A, B, C] = ['10.244.0.11', '10.244.0.12', '10.244.1.21'];
const [NODE, OUTSIDE, ALLOWED, BRIDGE] = ['172.18.0.2', '172.18.0.1', '198.51.100.5', '10.244.0.1'];

describe('whom an endpoint sees in IPVS mode, on a node whose network masquerades nothing', () => {
  const lab = new Lab('ipvs', SERVICES);
  it.each<[what: string, from: From, address: string, port: number, outcome: string]>([
    ['a Pod keeps its address at a cluster IP', 'b', '10.96.1.1', 80, `${A} sees ${B}`],
    ['the node is masqueraded there', 'node', '10.96.1.1', 80, `${A} sees ${BRIDGE}`],
    ['so is the outside', 'outside', '10.96.1.1', 80, `${A} sees ${BRIDGE}`],
    ['a Pod that asks its own Service meets itself', 'a', '10.96.1.1', 80, `${A} sees ${BRIDGE}`],
    ['a port that the Service has not is refused', 'b', '10.96.1.1', 81, 'refused'],
    ['to the node, too', 'node', '10.96.1.1', 81, 'refused'],
    ['an address of no Service stays silent', 'b', '10.96.77.1', 80, 'silent'],
    ['a node port from a Pod', 'b', NODE, 30001, `${C} sees ${NODE}`],
    ['from the node', 'node', NODE, 30001, `${C} sees ${NODE}`],
    ['from outside', 'outside', NODE, 30001, `${C} sees ${NODE}`],
    ['policy Local keeps the client', 'allowed', NODE, 30002, `${A} sees ${ALLOWED}`],
    ['and the next client', 'outside', NODE, 30002, `${A} sees ${OUTSIDE}`],
    ['and a Pod', 'b', NODE, 30002, `${A} sees ${B}`],
    ['and the node', 'node', NODE, 30002, `${A} sees ${NODE}`],
    // The request is sent on as it is; the endpoint's answer reaches a client that never asked it.
    ['policy Local without an endpoint here loses the outside', 'outside', NODE, 30003, 'silent'],
    ['but serves Pods', 'b', NODE, 30003, `${C} sees ${B}`],
    ['and the node', 'node', NODE, 30003, `${C} sees ${NODE}`],
    ['internal policy Local without an endpoint here refuses', 'b', '10.96.1.4', 80, 'refused'],
    ['the node as well', 'node', '10.96.1.4', 80, 'refused'],
    ['a load balancer lets its ranges in', 'allowed', '203.0.113.10', 80, `${A} sees ${BRIDGE}`],
    ['and nobody else', 'outside', '203.0.113.10', 80, 'silent'],
    ['not even a Pod', 'b', '203.0.113.10', 80, 'silent'],
    ['nor the node', 'node', '203.0.113.10', 80, 'silent'],
    ['its node port knows no ranges', 'outside', NODE, 30006, `${A} sees ${BRIDGE}`],
    ['an external address from outside', 'outside', '192.0.2.50', 80, `${C} sees ${NODE}`],
    ['from a Pod', 'b', '192.0.2.50', 80, `${C} sees ${NODE}`],
    ['from the node', 'node', '192.0.2.50', 80, `${C} sees ${NODE}`],
    ['nobody there: refused to a Pod', 'b', '10.96.1.7', 80, 'refused'],
    ['to the node', 'node', '10.96.1.7', 80, 'refused'],
    ['at the node port', 'outside', NODE, 30007, 'refused'],
  ])('%s', (_, from, address, port, outcome) => {
    expect(lab.connect(from, address, port)).toBe(outcome);
  });
});

describe('a UDP client that always sends from one port', () => {
  const dns = (ip: string, node: string): string => `apiVersion: v1
kind: Service
metadata: {name: dns, namespace: default}
spec:
  clusterIP: 10.96.2.1
  ports: [{name: dns, port: 53, protocol: UDP, targetPort: 5353}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: dns-x, namespace: default, labels: {kubernetes.io/service-name: dns}}
addressType: IPv4
endpoints: [{addresses: ["${ip}"], conditions: {ready: true}, nodeName: ${node}}]
ports: [{name: dns, port: 5353, protocol: UDP}]`;

  it('goes on with the next endpoint at once when its own is gone', () => {
    const lab = new Lab('ipvs', dns(A, 'node-1'));
    const serve = (pod: string) =>
      `ip netns exec ${pod} ncat -ulk -p 5353 --sh-exec "echo from ${pod}" >/dev/null 2>&1 &`;
    lab.node(serve('a'));
    runStep(lab.machine, { host: 'gateway', cmd: serve('c') });
    const ask = () => lab.node('echo x | ip netns exec b nc -u -w1 -p 4000 10.96.2.1 53; true');
    expect(ask()).toBe('from a\n');
    expect(lab.node('ipvsadm -Lnc | grep -c 10.96.2.1:53')).toBe('1\n');
    lab.apply(dns(C, 'node-2'));
    expect(ask()).toBe('from c\n');
    expect(lab.node('ipvsadm -Lnc | grep 10.96.2.1:53')).toContain(`${C}:5353`);
  });
});
