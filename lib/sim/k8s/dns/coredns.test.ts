import { describe, expect, it } from 'vitest';
import '../../commands/load.ts';
import type { Machine } from '../../kernel/machine.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

const PODS = 'kubectl -n kube-system get pods -l k8s-app=kube-dns -o name';

function scene(seed: number) {
  const machine: Machine = buildScene('flannel-vxlan', seed);
  const on = (host: string, cmd: string, stdin?: string) => {
    const { stdout, stderr, exit } = runStep(machine, stdin === undefined ? { host, cmd } : { host, cmd, stdin });
    return { out: stdout + stderr, exit };
  };
  const admin = (cmd: string, stdin?: string) => on('control-plane', cmd, stdin).out;
  const pod = (cmd: string) => admin(`kubectl exec pod-a -- ${cmd}`);
  const logs = () => admin(`for p in $(${PODS}); do kubectl -n kube-system logs $p; done`);
  /** Edits the Corefile with sed, and waits until CoreDNS has looked. */
  const corefile = (sed: string) =>
    admin(`kubectl -n kube-system get cm coredns -o yaml | sed '${sed}' | kubectl apply -f - && sleep 46`);
  return { machine, on, admin, pod, logs, corefile };
}

const status = (dig: string): string | undefined => /status: (\w+)/.exec(dig)?.[1];

describe('records', () => {
  const { admin, pod } = scene(5);
  admin(
    'kubectl apply -f - && sleep 4',
    `
apiVersion: v1
kind: Service
metadata: {name: hl}
spec: {clusterIP: None, selector: {app: hl}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: none}
spec: {clusterIP: None, selector: {app: nobody}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: ext}
spec: {type: ExternalName, externalName: www.example.com}
---
apiVersion: v1
kind: Service
metadata: {name: alias}
spec: {type: ExternalName, externalName: web.default.svc.cluster.local}
---
apiVersion: v1
kind: Pod
metadata: {name: h1, labels: {app: hl}}
spec: {nodeName: node1, hostname: one, subdomain: hl, containers: [{name: c, image: nginx}]}
---
apiVersion: v1
kind: Pod
metadata: {name: h2, labels: {app: hl}}
spec: {nodeName: node2, containers: [{name: c, image: nginx}]}
`,
  );
  const short = (args: string) => pod(`dig +short ${args}`).trim().split('\n').sort();

  it('Services: address, port, and their way back', () => {
    expect(short('web.default.svc.cluster.local')).toEqual(['10.96.10.10']);
    expect(short('SRV _http._tcp.web.default.svc.cluster.local')).toEqual(['0 100 80 web.default.svc.cluster.local.']);
    expect(pod('dig SRV web.default.svc.cluster.local +noall +additional')).toContain('A\t10.96.10.10');
    expect(short('-x 10.96.10.10')).toEqual(['web.default.svc.cluster.local.']);
    expect(status(pod('dig SRV _nope._tcp.web.default.svc.cluster.local'))).toBe('NXDOMAIN');
  });

  it('NODATA and NXDOMAIN bring the SOA', () => {
    const nodata = pod('dig AAAA web.default.svc.cluster.local');
    expect(status(nodata)).toBe('NOERROR');
    expect(nodata).toMatch(
      /cluster\.local\.\s+30\s+IN\s+SOA\s+ns\.dns\.cluster\.local\. hostmaster\.cluster\.local\. /,
    );
    const nothing = pod('dig nope.default.svc.cluster.local');
    expect(status(nothing)).toBe('NXDOMAIN');
    expect(nothing).toContain('SOA\tns.dns.cluster.local.');
    expect(status(pod('dig default.svc.cluster.local'))).toBe('NOERROR');
    expect(status(pod('dig nowhere.svc.cluster.local'))).toBe('NXDOMAIN');
  });

  it('headless Services: one record for each Pod, with names of their own', () => {
    const ips = short('hl.default.svc.cluster.local');
    expect(ips).toHaveLength(2);
    const [one] = short('one.hl.default.svc.cluster.local');
    expect(ips).toContain(one);
    const other = ips.find((ip) => ip !== one) ?? '';
    expect(short(`${other.replaceAll('.', '-')}.hl.default.svc.cluster.local`)).toEqual([other]);
    expect(short('SRV _http._tcp.hl.default.svc.cluster.local')).toEqual(
      [
        `0 50 80 ${other.replaceAll('.', '-')}.hl.default.svc.cluster.local.`,
        '0 50 80 one.hl.default.svc.cluster.local.',
      ].sort(),
    );
    expect(short(`-x ${one}`)).toEqual(['one.hl.default.svc.cluster.local.']);
    expect(status(pod(`dig -x ${other}`))).toBe('NXDOMAIN');
    expect(status(pod('dig none.default.svc.cluster.local'))).toBe('NXDOMAIN');
  });

  it('ExternalName, Pods by address, the version of the schema', () => {
    expect(pod('dig ext.default.svc.cluster.local +short')).toBe('www.example.com.\n');
    expect(pod('dig alias.default.svc.cluster.local +short')).toBe('web.default.svc.cluster.local.\n10.96.10.10\n');
    expect(short('10-244-9-9.default.pod.cluster.local')).toEqual(['10.244.9.9']);
    expect(status(pod('dig a-b.default.pod.cluster.local'))).toBe('NXDOMAIN');
    expect(short('TXT dns-version.cluster.local')).toEqual(['"1.1.0"']);
  });

  it('says over TCP what does not fit a datagram', () => {
    admin('kubectl scale deployment web --replicas=40; sleep 8');
    admin(
      'kubectl apply -f - && sleep 3',
      '{"apiVersion":"v1","kind":"Service","metadata":{"name":"many"},"spec":{"clusterIP":"None","selector":{"app":"web"},"ports":[{"port":8080}]}}',
    );
    expect(pod('dig +noedns +ignore many.default.svc.cluster.local')).toMatch(/flags: qr aa tc rd/);
    const all = pod('dig +noedns many.default.svc.cluster.local');
    expect(all).toContain(';; Truncated, retrying in TCP mode.');
    expect(all).toContain('ANSWER: 40');
  });
});

describe('plugins of the Corefile', () => {
  it('forward asks the upstream, cache counts its answer down', () => {
    const { admin, pod } = scene(6);
    admin('kubectl -n kube-system scale deployment coredns --replicas=1; sleep 5');
    const ttl = () => Number(/\s(\d+)\tIN/.exec(pod('dig www.example.com +noall +answer'))?.[1]);
    expect(ttl()).toBe(30);
    admin('sleep 10');
    expect(ttl()).toBeGreaterThan(15);
    expect(ttl()).toBeLessThanOrEqual(20);
    admin('sleep 25');
    expect(ttl()).toBe(30);
    const metrics = admin(
      `curl -s http://$(kubectl -n kube-system get pods -l k8s-app=kube-dns -o jsonpath={.items[0].status.podIP}):9153/metrics`,
    );
    expect(metrics).toMatch(/^coredns_cache_hits_total\{server="dns:\/\/:53"\} 2$/m);
  });

  it('log, hosts, rewrite and template take effect when the Corefile is read again', () => {
    const { pod, logs, corefile } = scene(7);
    corefile(
      's/^        errors/        errors\\n        log\\n        hosts {\\n          198.51.100.7 db.corp\\n          fallthrough\\n        }\\n        rewrite name shop.corp web.default.svc.cluster.local answer auto\\n        template ANY ANY blocked.corp {\\n          rcode NXDOMAIN\\n        }/',
    );
    expect(pod('dig +short db.corp')).toBe('198.51.100.7\n');
    expect(pod('dig +noall +answer shop.corp')).toMatch(/^shop\.corp\.\s+30\s+IN\s+A\s+10\.96\.10\.10\n$/);
    expect(status(pod('dig x.blocked.corp'))).toBe('NXDOMAIN');
    expect(logs()).toContain('[INFO] Reloading complete\n');
    expect(logs()).toMatch(
      /^\[INFO\] 10\.244\.1\.5:\d+ - \d+ "A IN db\.corp\. udp \d+ false 1232" NOERROR qr,aa,rd \d+ [\d.]+s$/m,
    );
  });

  it('keeps the old configuration when the new one is wrong, and says where', () => {
    const { pod, logs, corefile } = scene(8);
    corefile('s/ready/redy/');
    expect(logs()).toContain(
      "[ERROR] plugin/reload: Corefile changed but reload failed: starting with listener file descriptors: /etc/coredns/Corefile:6 - Error during parsing: Unknown directive 'redy'\n",
    );
    expect(pod('dig +short web.default.svc.cluster.local')).toBe('10.96.10.10\n');
  });

  it('loop ends a server that forwards to itself', () => {
    const { logs, corefile, pod } = scene(9);
    corefile('s/forward . .etc.resolv.conf/forward . 127.0.0.1/');
    expect(logs()).toMatch(
      /^\[FATAL\] plugin\/loop: Loop \(127\.0\.0\.1:\d+ -> :53\) detected for zone "\.", see https:\/\/coredns\.io\/plugins\/loop#troubleshooting\. Query: "HINFO \d+\.\d+\."$/m,
    );
    expect(pod('dig web.default.svc.cluster.local')).toContain('no servers could be reached');
  });
});
