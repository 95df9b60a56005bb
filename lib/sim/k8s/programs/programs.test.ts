import { expect, it } from 'vitest';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

it('nginx serves its files on port 80, and logs who asked', () => {
  const machine = buildScene('flannel-vxlan', 1);
  const on = (cmd: string): string => {
    const { stdout, stderr } = runStep(machine, { host: 'control-plane', cmd });
    return stdout + stderr;
  };
  on('kubectl run site --image=nginx:1.29; sleep 4');
  const ip = on("kubectl get pod site -o jsonpath='{.status.podIP}'");
  const curl = (path: string): string =>
    on(`kubectl exec pod-a -- curl -s -m 2 -o /dev/null -w '%{http_code} %{content_type}' http://${ip}${path}`);
  expect(on(`kubectl exec pod-a -- curl -s http://${ip}/`)).toContain('<h1>Welcome to nginx!</h1>');
  expect(curl('/nope')).toBe('404 text/html');
  on("kubectl exec site -- sh -c 'echo hello > /usr/share/nginx/html/note.txt'");
  expect(curl('/note.txt')).toBe('200 text/plain');
  const log = on('kubectl logs site').split('\n');
  expect(
    log
      .filter((line) => line.includes('GET'))
      .map((line) => line.replace(/\[[^\]]*\]|\d{4}\/\S+ \S+/g, 'T').replace(/curl\/[\d.]+/, 'curl')),
  ).toEqual([
    '10.244.1.5 - - T "GET / HTTP/1.1" 200 245 "-" "curl" "-"',
    'T T 29#29: *1 open() "/usr/share/nginx/html/nope" failed (2: No such file or directory), client: 10.244.1.5, server: localhost, request: "GET /nope HTTP/1.1"',
    '10.244.1.5 - - T "GET /nope HTTP/1.1" 404 153 "-" "curl" "-"',
    '10.244.1.5 - - T "GET /note.txt HTTP/1.1" 200 6 "-" "curl" "-"',
  ]);
});

it('a node whose kubelet is stopped starts nothing until it is back', () => {
  const machine = buildScene('flannel-vxlan', 1);
  const on = (host: string, cmd: string): string => {
    const { stdout, stderr } = runStep(machine, { host, cmd });
    return stdout + stderr;
  };
  on('node1', 'systemctl stop kubelet');
  on(
    'control-plane',
    `kubectl apply -f - <<'EOF'\napiVersion: v1\nkind: Pod\nmetadata: {name: late}\nspec: {nodeName: node1, containers: [{name: c, image: 'nicolaka/netshoot:v0.14'}]}\nEOF\nkubectl delete pod pod-a --wait=false; sleep 40`,
  );
  const state = (pod: string): string => on('control-plane', `kubectl get pod ${pod} --no-headers`).replace(/ +/g, ' ');
  expect([state('late'), state('pod-a')]).toEqual([
    expect.stringMatching(/^late 0\/1 Pending 0 /),
    expect.stringMatching(/^pod-a 1\/1 Terminating 0 /),
  ]);
  on('node1', 'systemctl start kubelet');
  on('control-plane', 'sleep 32');
  expect(state('late')).toMatch(/^late 1\/1 Running 0 /);
  expect(state('pod-a')).toContain('NotFound');
});
