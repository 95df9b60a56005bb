import { beforeEach, describe, expect, it } from 'vitest';
import type { Machine } from '../../kernel/machine.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

let machine: Machine;

const on = (host: string, cmd: string): string => {
  const { stdout, stderr } = runStep(machine, { host, cmd });
  return stdout + stderr;
};
const k = (cmd: string): string => on('control-plane', `kubectl ${cmd}`);
const wait = (seconds: number): string => on('control-plane', `sleep ${seconds}`);
const pod = (name: string, container: string): string =>
  on(
    'control-plane',
    `kubectl apply -f - <<'EOF'\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec:\n  nodeName: node1\n  containers: [${container}]\nEOF`,
  );
const state = (name: string): string =>
  k(`get pod ${name} --no-headers`).trim().split(/ {2,}/).slice(1, 4).join(' ').replace(/ \(.*/, '');
const unhealthy = (): string[] =>
  k('get events --field-selector reason=Unhealthy -o jsonpath=\'{range .items[*]}{.count} {.message}{"\\n"}{end}\'')
    .split('\n')
    .filter((line) => line !== '');

describe('probes', () => {
  beforeEach(() => {
    machine = buildScene('flannel-vxlan', 1);
  });

  it('make a Pod ready once its port answers the node, and not while a rule drops the packets', () => {
    pod(
      'web',
      '{name: c, image: "hashicorp/http-echo:1.0", readinessProbe: {httpGet: {path: /ok, port: 8080}, initialDelaySeconds: 2, periodSeconds: 3, failureThreshold: 2}}',
    );
    wait(1);
    expect(state('web')).toBe('0/1 Running 0');
    wait(3);
    expect(state('web')).toBe('1/1 Running 0');
    expect(k('logs web')).toContain('GET /ok from 10.244.1.1:');
    on('node1', 'iptables -I OUTPUT -p tcp --dport 8080 -j DROP');
    wait(4);
    expect(state('web')).toBe('1/1 Running 0');
    wait(4);
    expect(state('web')).toBe('0/1 Running 0');
    const ip = k("get pod web -o jsonpath='{.status.podIP}'");
    expect(unhealthy().join()).toBe(
      `2 Readiness probe failed: Get "http://${ip}:8080/ok": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    );
    on('node1', 'iptables -D OUTPUT 1');
    wait(4);
    expect(state('web')).toBe('1/1 Running 0');
  });

  it('have a container started anew that is not alive', () => {
    pod(
      'dead',
      '{name: c, image: "hashicorp/http-echo:1.0", livenessProbe: {tcpSocket: {port: 81}, periodSeconds: 2, failureThreshold: 3}}',
    );
    wait(3.5);
    expect(state('dead')).toBe('1/1 Running 0');
    wait(2);
    expect(state('dead')).toBe('1/1 Running 1');
    const ip = k("get pod dead -o jsonpath='{.status.podIP}'");
    expect(unhealthy()).toEqual([`3 Liveness probe failed: dial tcp ${ip}:81: connect: connection refused`]);
    expect(k('get events')).toContain('Container c failed liveness probe, will be restarted');
  });

  it('run commands, and hold the others back until the container has started up', () => {
    pod(
      'slow',
      `{name: c, image: "nicolaka/netshoot:v0.14", command: [sh, -c, "sleep 5; touch /tmp/up; sleep infinity"], startupProbe: {exec: {command: [cat, /tmp/up]}, periodSeconds: 2, failureThreshold: 10}, livenessProbe: {exec: {command: [cat, /tmp/up]}, periodSeconds: 1, failureThreshold: 1}}`,
    );
    wait(4);
    expect(state('slow')).toBe('0/1 Running 0');
    wait(4);
    expect(state('slow')).toBe('1/1 Running 0');
    expect(unhealthy()).toEqual(['3 Startup probe failed: cat: /tmp/up: No such file or directory']);
    k('exec slow -- rm /tmp/up');
    wait(2);
    expect(k('get events')).toContain('Container c failed liveness probe, will be restarted');
    wait(31);
    expect(k("get pod slow -o jsonpath='{.status.containerStatuses[0].lastState.terminated.exitCode}'")).toBe('137');
  });

  it('go on where a kubelet that is started anew takes over', () => {
    on('node1', 'systemctl restart kubelet');
    wait(1);
    expect(state('pod-a')).toBe('1/1 Running 0');
    expect(k('get pods -l app=web --no-headers')).not.toContain('0/1');
  });
});

describe('logs of containers on their node', () => {
  it('stand in /var/log/pods in the form of the CRI, one file a restart', () => {
    machine = buildScene('flannel-vxlan', 1);
    pod(
      'talker',
      '{name: c, image: "nicolaka/netshoot:v0.14", command: [sh, -c, "echo one; echo two >&2; sleep 3; exit 1"]}',
    );
    wait(5);
    expect(on('node1', 'ls /var/log/pods/default_talker_*/c')).toBe('0.log\n1.log\n');
    const [file = ''] = on('node1', 'ls /var/log/containers | grep talker').split('\n');
    expect(file).toMatch(/^talker_default_c-[0-9a-f]{64}\.log$/);
    const lines = on('node1', `cat /var/log/containers/${file}`);
    expect(lines.replace(/^\S+/gm, 'T')).toBe('T stdout F one\nT stderr F two\n');
    expect(lines).toMatch(/^2026-01-15T09:00:0\d\.\d{9}Z /);
  });
});
