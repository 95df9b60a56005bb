import { describe, expect, it } from 'vitest';
import './commands/load.ts';
import { type Matrix, matrix, parseMatrixPort } from './matrix.ts';
import { runStep } from './run-steps.ts';
import { buildScene } from './scene/build.ts';

const IMAGE = 'registry.k8s.io/e2e-test-images/agnhost:2.53';
const pod = (ns: string, name: string, node: string, args: string[], env: [string, string][] = []): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: ns, labels: { pod: name } },
    spec: {
      nodeName: node,
      containers: [{ name: 'serve', image: IMAGE, args, env: env.map(([key, value]) => ({ name: key, value })) }],
    },
  });
const service = (ns: string, name: string, ports: [string, number, number][]): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: ns },
    spec: {
      selector: { pod: name },
      ports: ports.map(([protocol, port, targetPort]) => ({
        name: `${protocol.toLowerCase()}-${port}`,
        protocol,
        port,
        targetPort,
      })),
    },
  });
const NETEXEC = ['netexec', '--http-port=80', '--udp-port=81', '--sctp-port=82'];
const manifests = [
  '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"x"}}',
  '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"y"}}',
  pod('x', 'a', 'node1', NETEXEC),
  pod('x', 'b', 'node2', NETEXEC),
  pod('y', 'a', 'node2', ['pause']),
  service('x', 'a', [
    ['TCP', 8000, 80],
    ['SCTP', 8002, 82],
  ]),
].join('\n---\n');
const ports = (text: string) => text.split(',').map((p) => parseMatrixPort(p) ?? { protocol: 'TCP' as const, port: 0 });
const all = [
  [true, true, true],
  [true, true, true],
  [true, true, true],
];

function answer(machine: ReturnType<typeof buildScene>, list: string, to: 'pod-ip' | 'service' = 'pod-ip'): Matrix {
  const result = matrix(machine, { manifests, ports: ports(list), to });
  if ('error' in result) throw new Error(result.error);
  return result;
}

describe('matrix', () => {
  const machine = buildScene('flannel-vxlan', 3);
  const on = (host: string, cmd: string) => runStep(machine, { host, cmd });

  it('says that all reach all, whether somebody listens or not', () => {
    const found = answer(machine, 'TCP/80,UDP/81,SCTP/82,SCTP/9,UDP/9');
    expect(found.pods).toEqual(['x/a', 'x/b', 'y/a']);
    expect(found.allowed).toEqual({ 'TCP/80': all, 'UDP/81': all, 'SCTP/82': all, 'SCTP/9': all, 'UDP/9': all });
  });

  it('sends packets that rules see: one drops SCTP, one rejects a TCP port, one drops answers', () => {
    on('node1', 'iptables -I FORWARD -p sctp --dport 82 -j DROP');
    on('node2', 'iptables -I FORWARD -p tcp --dport 80 -s 10.244.1.0/24 -j REJECT --reject-with tcp-reset');
    on('node1', 'iptables -I FORWARD -p udp --sport 81 -j DROP');
    const found = answer(machine, 'TCP/80,UDP/81,SCTP/82');
    expect(found.allowed).toEqual({
      'TCP/80': [[true, false, false], all[1], all[2]],
      'UDP/81': [
        [true, false, true],
        [false, true, true],
        [false, true, true],
      ],
      'SCTP/82': [
        [true, false, false],
        [false, true, true],
        [false, true, true],
      ],
    });
    on('node1', 'iptables -D FORWARD 1; iptables -D FORWARD 1');
    on('node2', 'iptables -D FORWARD 1');
  });

  it('goes through Services, and says which Pods have none', () => {
    const found = answer(machine, 'TCP/8000,SCTP/8002', 'service');
    const first = [
      [true, false, false],
      [true, false, false],
      [true, false, false],
    ];
    expect(found.allowed).toEqual({ 'TCP/8000': first, 'SCTP/8002': first });
    expect(found.notes).toContain('no Service of x/b has TCP/8000');
  });

  it('tells of manifests that kubectl refuses', () => {
    expect(matrix(machine, { manifests: 'kind: Pod\n', ports: ports('TCP/80'), to: 'pod-ip' })).toHaveProperty('error');
  });

  it('is the same for the same seed', () => {
    const run = () => {
      const again = buildScene('flannel-vxlan', 9);
      return [answer(again, 'TCP/80,SCTP/82'), again.world.now];
    };
    expect(run()).toEqual(run());
  });
});

describe('agnhost', () => {
  const machine = buildScene('flannel-vxlan', 4);
  const sh = (cmd: string) => {
    const { stdout, stderr, exit } = runStep(machine, { host: 'control-plane', cmd });
    return { out: stdout + stderr, exit };
  };
  const port = ['SERVE_SCTP_PORT_70', 'x'] as [string, string];
  const docs = [
    pod('default', 's', 'node2', NETEXEC),
    pod('default', 't', 'node1', ['serve-hostname', '--port', '90']),
    pod('default', 'u', 'node1', ['porter'], [['SERVE_PORT_71', 'seventy-one'], port]),
    service('default', 's', [
      ['TCP', 80, 80],
      ['UDP', 81, 81],
      ['SCTP', 82, 82],
    ]),
  ].join('\n---\n');
  runStep(machine, { host: 'control-plane', cmd: 'kubectl apply -f -; sleep 5', stdin: docs });
  const ip = (name: string) => sh(`kubectl get pod ${name} -o jsonpath={.status.podIP}`).out;

  it('serves HTTP, datagrams and associations', () => {
    expect(sh('kubectl exec pod-a -- curl -s http://s/hostname').out).toBe('s');
    expect(sh('kubectl exec pod-a -- curl -s "http://s/echo?msg=a+b%21"').out).toBe('a b!');
    expect(sh('kubectl exec pod-a -- curl -s http://s/clientip').out).toMatch(/^10\.244\.1\.5:\d+$/);
    expect(sh(`kubectl exec pod-a -- curl -s http://${ip('t')}:90/`).out).toBe('t');
    expect(sh(`kubectl exec pod-a -- curl -s http://${ip('u')}:71/`).out).toBe('seventy-one');
    expect(sh(`kubectl exec pod-a -- bash -c 'echo echo hi there | nc -u -w1 ${ip('s')} 81'`).out).toBe('hi there');
  });

  it('says why a connection fails', () => {
    const connect = (where: string, protocol: string) =>
      sh(`kubectl exec t -- /agnhost connect ${where} --protocol=${protocol} --timeout=1s`);
    expect([connect('s:80', 'tcp'), connect('s:81', 'udp'), connect('s:82', 'sctp')].map((r) => r.exit)).toEqual([
      0, 0, 0,
    ]);
    expect(connect(`${ip('u')}:70`, 'sctp')).toEqual({ out: '', exit: 0 });
    expect(connect(`${ip('s')}:9`, 'tcp').out).toContain('REFUSED\n');
    expect(connect(`${ip('s')}:9`, 'udp').out).toContain('REFUSED: read udp 10.244.1.');
    expect(connect(`${ip('s')}:9`, 'sctp').out).toContain('OTHER: connection refused\n');
    expect(connect('nope:9', 'tcp').out).toContain('DNS: ');
    runStep(machine, { host: 'node2', cmd: 'iptables -I FORWARD -d 10.244.2.0/24 -j DROP' });
    expect(connect(`${ip('s')}:80`, 'tcp').out).toContain('TIMEOUT\n');
    expect(connect(`${ip('s')}:82`, 'sctp').out).toContain('TIMEOUT\n');
    runStep(machine, { host: 'node2', cmd: 'iptables -D FORWARD 1' });
  });

  it('tracks associations as the kernel does, translated by the Service', () => {
    sh('kubectl exec t -- /agnhost connect s:82 --protocol=sctp --timeout=1s');
    const { stdout } = runStep(machine, {
      host: 'node1',
      cmd: 'conntrack -L -p sctp -d $(kubectl get svc s -o jsonpath={.spec.clusterIP})',
    });
    expect(stdout).toMatch(
      /^sctp {5}132 \d CLOSED src=10\.244\.1\.\d+ dst=10\.\d+\.\d+\.\d+ sport=\d+ dport=82 src=10\.244\.2\.\d+ dst=10\.244\.1\.\d+ sport=82 dport=\d+ \[ASSURED\] mark=0 use=1\n/m,
    );
  });
});
