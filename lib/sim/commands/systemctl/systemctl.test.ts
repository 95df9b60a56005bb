import { describe, expect, it } from 'vitest';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';
import { relativeTime } from './status.ts';

const answers = (...cmds: string[]) => {
  const machine = buildScene('flannel-vxlan', 1);
  return cmds.map((cmd) => {
    const { stdout, stderr, exit } = runStep(machine, { host: 'node1', cmd });
    return { stdout, stderr, exit };
  });
};

describe('units of a node', () => {
  it('are told, restarted and logged', () => {
    const [active, unknown, restart, log, containers] = answers(
      'systemctl is-active kubelet containerd',
      'systemctl status nope',
      'systemctl restart kubelet',
      'journalctl -u kubelet -n 4 -o cat',
      'crictl pods --name pod-a | cut -c41-',
    );
    expect(active).toEqual({ stdout: 'active\nactive\n', stderr: '', exit: 0 });
    expect(unknown).toEqual({ stdout: '', stderr: 'Unit nope.service could not be found.\n', exit: 4 });
    expect(restart).toEqual({ stdout: '', stderr: '', exit: 0 });
    expect(log?.stdout).toBe(
      'Stopping kubelet.service - kubelet: The Kubernetes Node Agent...\nkubelet.service: Deactivated successfully.\n' +
        'Stopped kubelet.service - kubelet: The Kubernetes Node Agent.\nStarted kubelet.service - kubelet: The Kubernetes Node Agent.\n',
    );
    // A restart of the kubelet leaves its containers alone.
    expect(containers?.stdout).toBe(
      'STATE               NAME                NAMESPACE           ATTEMPT             RUNTIME\nReady               pod-a               default             0                   (default)\n',
    );
  });

  it('refuses what it cannot do', () => {
    const [verb, missing, stop, state, start] = answers(
      'systemctl frob kubelet',
      'systemctl restart nope',
      'systemctl stop nope kubelet',
      'systemctl is-active kubelet',
      'systemctl start kubelet; systemctl is-active kubelet',
    );
    expect(verb).toEqual({ stdout: '', stderr: 'Unknown command verb frob.\n', exit: 1 });
    expect(missing).toEqual({
      stdout: '',
      stderr: 'Failed to restart nope.service: Unit nope.service not found.\n',
      exit: 5,
    });
    expect(stop).toEqual({
      stdout: '',
      stderr: 'Failed to stop nope.service: Unit nope.service not loaded.\n',
      exit: 5,
    });
    expect(state).toEqual({ stdout: 'inactive\n', stderr: '', exit: 3 });
    expect(start?.stdout).toBe('active\n');
  });

  it('says how long ago something was', () => {
    expect([0, 0.5, 59, 61, 299, 300, 3700, 7 * 3600, 26 * 3600, 50 * 3600, 8 * 86400].map(relativeTime)).toEqual([
      'now',
      '500ms ago',
      '59s ago',
      '1min 1s ago',
      '4min 59s ago',
      '5min ago',
      '1h 1min ago',
      '7h ago',
      '1 day 2h ago',
      '2 days ago',
      '1 week 1 day ago',
    ]);
  });
});
