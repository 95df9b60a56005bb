import { describe, expect, it } from 'vitest';
import { forkMachine } from '../kernel/fork.ts';
import { Session } from '../session.ts';
import { buildScene } from './build.ts';

const LINES = [
  'kubectl exec pod-a -- ping -c 1 10.244.2.2',
  'curl -s http://10.96.10.10/',
  'kubectl delete pod pod-a',
  'kubectl scale deployment web --replicas=5',
  'ip link del flannel.1',
  'sleep 12',
  'chmod 700 /usr/bin/ping',
  'ln /usr/bin/nc /root/nc && touch /usr/bin/nc',
  'ip route; iptables-save -c; journalctl -n 5; ls -l /usr/bin/ping /root/nc /usr/bin/nc',
  'nslookup web.default.svc.cluster.local 10.96.0.10',
  'ssh node2 ls -l /usr/bin/ping',
  'systemctl restart kubelet; kubectl get pods -A -o wide; ps aux',
];

function play(): { said: string; hash: string; steps: number } {
  const session = Session.open('flannel-vxlan', 7);
  const term = session.openTerminal('node1') as number;
  session.settle(60e6, 1e6);
  let said = '';
  for (const line of LINES) {
    session.type(term, line);
    session.settle(600e6, 1e6);
    said += session.takeOutput(term);
  }
  return { said, hash: session.hash(), steps: session.machine.steps };
}

describe('a scene that is kept', () => {
  it('goes on in a copy as the one that was built does', () => {
    const built = play();
    expect(built.said).toContain('-rwx------ 1 root root');
    for (let i = 0; i < 3; i++) expect(play()).toEqual(built);
  }, 60_000);

  it('is not changed by what its copies do', () => {
    const machine = buildScene('flannel-vxlan', 1);
    const before = forkMachine(machine);
    if (!before) throw new Error('the scene is not at rest');
    const host = before.world.hosts.get('node1');
    host?.fs.entries.clear();
    for (const ns of before.world.netns.values()) ns.links.clear();
    expect(machine.world.hosts.get('node1')?.fs.entries.size).toBeGreaterThan(5);
    for (const ns of machine.world.netns.values()) expect(ns.links.size).toBeGreaterThan(0);
  });

  it('cannot be copied while a program is at work', () => {
    const session = Session.open('flannel-vxlan', 2);
    expect(forkMachine(session.machine)).not.toBeNull();
    session.openTerminal('node1');
    expect(forkMachine(session.machine)).toBeNull();
  });
});
