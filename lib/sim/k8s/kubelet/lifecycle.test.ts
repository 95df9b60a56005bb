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
const apply = (text: string): string => on('control-plane', `kubectl apply -f - <<'EOF'\n${text}\nEOF`);
const pod = (name: string, spec: string): string =>
  apply(`apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: ${spec}`);
const status = (name: string): string[] => k(`get pod ${name} --no-headers`).trim().split(/ {2,}/).slice(1, 4);
const path = (name: string, jsonpath: string): string => k(`get pod ${name} -o jsonpath='{${jsonpath}}'`);
const events = (reason: string): string =>
  k('get events')
    .split('\n')
    .filter((line) => line.split(/ {2,}/)[2] === reason)
    .map((line) => line.split(/ {2,}/).slice(4).join(' '))
    .join('\n');

describe('the life of a Pod', () => {
  beforeEach(() => {
    machine = buildScene('flannel-vxlan', 1);
  });

  it('pulls an image that is not there, and not one that is', () => {
    pod('first', "{containers: [{name: c, image: 'busybox:1.36'}], nodeName: node1}");
    expect(status('first')).toEqual(['0/1', 'ContainerCreating', '0']);
    wait(5);
    expect(status('first')).toEqual(['1/1', 'Running', '0']);
    expect(events('Pulled')).toMatch(
      /^Successfully pulled image "busybox:1.36" in [\d.]+s \([\d.]+s including waiting\)\. Image size: \d+ bytes\.$/,
    );
    pod('second', "{containers: [{name: c, image: 'busybox:1.36'}], nodeName: node1}");
    expect(status('second')).toEqual(['1/1', 'Running', '0']);
    expect(events('Pulled')).toContain('Container image "busybox:1.36" already present on machine');
  });

  it('says why an image cannot be had, and backs off', () => {
    pod('typo', '{containers: [{name: c, image: ngnix}]}');
    wait(5);
    expect(status('typo')).toEqual(['0/1', 'ErrImagePull', '0']);
    expect(path('typo', '.status.containerStatuses[0].state.waiting.message')).toBe(
      'rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/library/ngnix:latest": failed to resolve reference "docker.io/library/ngnix:latest": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    );
    wait(60);
    expect(status('typo')[1]).toBe('ImagePullBackOff');
    expect(events('BackOff')).toContain('Back-off pulling image "ngnix"');
  });

  it('restarts what ends, later and later', () => {
    pod('crash', "{containers: [{name: c, image: 'busybox:1.36', command: [sh, -c, 'echo run; sleep 1; exit 3']}]}");
    const restarts: string[] = [];
    for (let i = 0; i < 10; i++) {
      wait(10);
      restarts.push((status('crash')[2] as string).split(' ')[0] as string);
    }
    // Begun after 3 s at most: at once, after 10 s, 20 s, 40 s.
    expect(restarts).toEqual(['1', '2', '2', '3', '3', '3', '3', '4', '4', '4']);
    expect(status('crash')[1]).toBe('CrashLoopBackOff');
    expect(path('crash', '.status.containerStatuses[0].lastState.terminated.exitCode')).toBe('3');
    expect(path('crash', '.status.containerStatuses[0].state.waiting.message')).toMatch(
      /^back-off 1m20s restarting failed container=c pod=crash_default\([0-9a-f-]{36}\)$/,
    );
  });

  it('ends with its containers where nothing is restarted', () => {
    const once = (name: string, policy: string, code: number): string =>
      pod(
        name,
        `{restartPolicy: ${policy}, containers: [{name: c, image: 'busybox:1.36', command: [sh, -c, 'exit ${code}']}]}`,
      );
    once('good', 'OnFailure', 0);
    once('bad', 'Never', 4);
    wait(5);
    expect([status('good'), status('bad')]).toEqual([
      ['0/1', 'Completed', '0'],
      ['0/1', 'Error', '0'],
    ]);
    expect([path('good', '.status.phase'), path('bad', '.status.phase')]).toEqual(['Succeeded', 'Failed']);
  });

  it('runs init containers one after the other, and sidecars beside', () => {
    pod(
      'inits',
      `{initContainers: [{name: one, image: 'busybox:1.36', command: [sh, -c, 'sleep 2']}, {name: side, image: 'busybox:1.36', restartPolicy: Always}, {name: two, image: 'busybox:1.36', command: [sh, -c, 'sleep 2']}], containers: [{name: c, image: 'busybox:1.36'}]}`,
    );
    const seen: string[] = [];
    for (let i = 0; i < 16; i++) {
      const [, now = ''] = status('inits');
      if (seen.at(-1) !== now) seen.push(now);
      wait(0.5);
    }
    expect(seen).toEqual(['Init:0/3', 'Init:2/3', 'Running']);
    expect(status('inits')[0]).toBe('2/2');
  });

  it('gives containers their grace period', () => {
    k('delete pod pod-a --wait=false');
    wait(29);
    expect(status('pod-a')).toEqual(['1/1', 'Terminating', '0']);
    wait(2);
    expect(k('get pod pod-a')).toBe('Error from server (NotFound): pods "pod-a" not found\n');
    expect(on('node1', 'ls /var/lib/cni/networks/cbr0')).not.toContain('10.244.1.5');
    const web = k('get pods -l app=web -o name').split('\n')[0] as string;
    k(`delete ${web} --wait=false`);
    wait(1);
    expect(k(`get ${web}`)).toContain('NotFound');
  });

  it('hears SIGTERM where a trap is set, after the preStop hook', () => {
    pod(
      'polite',
      `{containers: [{name: c, image: 'nicolaka/netshoot:v0.14', command: [bash, -c, 'trap "echo bye; exit 0" TERM; while true; do sleep 1; done'], lifecycle: {preStop: {exec: {command: [sleep, '5']}}}}]}`,
    );
    wait(5);
    k('delete pod polite --wait=false');
    wait(4);
    expect(status('polite')[1]).toBe('Terminating');
    wait(3);
    expect(k('get pod polite')).toContain('NotFound');
  });

  it('makes a Pod anew that someone kills on its node, and keeps what it said', () => {
    pod(
      'victim',
      "{containers: [{name: c, image: 'busybox:1.36', command: [sh, -c, 'echo here; sleep infinity']}], nodeName: node1}",
    );
    wait(5);
    on('node1', "kill -9 $(ps -ef | awk '/[e]cho here/ {print $2}')");
    wait(2);
    expect(status('victim')[2]).toMatch(/^1 \(\d+s ago\)$/);
    expect(path('victim', '.status.containerStatuses[0].lastState.terminated.exitCode')).toBe('137');
  });

  it('puts what the API holds into environment and files', () => {
    apply(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {mode: fast, index.html: "hello\\n"}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {password: hunter2}\n',
    );
    pod(
      'reader',
      `{hostAliases: [{ip: 10.1.2.3, hostnames: [db, db.local]}], dnsConfig: {options: [{name: ndots, value: "2"}]}, volumes: [{name: v, configMap: {name: conf}}, {name: e, emptyDir: {}}], containers: [{name: c, image: 'busybox:1.36', env: [{name: MODE, valueFrom: {configMapKeyRef: {name: conf, key: mode}}}, {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}, {name: BOTH, value: "$(MODE)-$(NOPE)"}], volumeMounts: [{name: v, mountPath: /srv}, {name: e, mountPath: /tmp/shared}]}]}`,
    );
    wait(5);
    const inside = (cmd: string): string => k(`exec reader -- sh -c '${cmd}'`);
    expect(inside('echo $MODE $IP $BOTH')).toBe(`fast ${path('reader', '.status.podIP')} fast-$(NOPE)\n`);
    expect(inside('cat /srv/index.html; tail -1 /etc/hosts; grep options /etc/resolv.conf')).toBe(
      'hello\n10.1.2.3\tdb\tdb.local\noptions ndots:2\n',
    );
    pod('lost', "{containers: [{name: c, image: 'busybox:1.36', envFrom: [{configMapRef: {name: nope}}]}]}");
    wait(5);
    expect(status('lost')[1]).toBe('CreateContainerConfigError');
    expect(path('lost', '.status.containerStatuses[0].state.waiting.message')).toBe('configmap "nope" not found');
  });

  it('reaches a Pod at its hostPort', () => {
    pod(
      'port',
      "{nodeName: node2, containers: [{name: c, image: 'hashicorp/http-echo:1.0', ports: [{containerPort: 8080, hostPort: 8888}]}]}",
    );
    wait(1);
    expect(on('gateway', 'curl -s -m 2 192.168.56.12:8888')).toContain('Hello from port');
    k('delete pod port --wait=false');
    wait(2);
    expect(on('gateway', 'curl -s -m 2 192.168.56.12:8888')).toBe('');
  });
});
