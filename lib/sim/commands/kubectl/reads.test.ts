import { describe, expect, it } from 'vitest';
import { runStep } from '../../index.ts';
import { Session } from '../../session.ts';

const open = (): Session => Session.open('flannel-vxlan', 1);
const run = (session: Session, cmd: string) => runStep(session.machine, { cmd });

describe('kubectl reads', () => {
  it('keeps a namespace for the context in its file', () => {
    const session = open();
    expect(run(session, 'kubectl get pods coredns').stderr).toContain('not found');
    expect(run(session, 'kubectl config set-context --current --namespace=kube-system').stdout).toBe(
      'Context "kubernetes-admin@kubernetes" modified.\n',
    );
    expect(run(session, 'kubectl get ds -o name').stdout).toBe('daemonset.apps/kube-proxy\n');
    expect(run(session, 'grep namespace /root/.kube/config').stdout).toBe('    namespace: kube-system\n');
  });

  it('has no server without a current context', () => {
    const session = open();
    run(session, 'kubectl config unset current-context');
    expect(run(session, 'kubectl get pods')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('The connection to the server localhost:8080 was refused'),
    });
  });

  it('waits for what comes later', () => {
    const session = open();
    const { stdout, exit } = run(
      session,
      "(sleep 5; kubectl label pod pod-a late=yes >/dev/null) & kubectl wait pod/pod-a --for=jsonpath='{.metadata.labels.late}'=yes; wait",
    );
    expect({ stdout, exit }).toEqual({ stdout: 'pod/pod-a condition met\n', exit: 0 });
    expect(run(session, 'kubectl wait pod/pod-a --for=condition=Gone --timeout=3s')).toMatchObject({
      exit: 1,
      stderr: 'error: timed out waiting for the condition on pods/pod-a\n',
    });
  });

  it('watches with the columns of its first table', () => {
    const session = open();
    const { stdout } = run(
      session,
      '(sleep 2; kubectl label pod pod-a a=b >/dev/null) & timeout 5 kubectl get pods -l app=pod-a -w --output-watch-events',
    );
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^EVENT {3}NAME {4}READY/);
    expect(lines[1]).toMatch(/^ADDED {3}pod-a/);
    expect(lines[2]).toMatch(/^MODIFIED {3}pod-a {3}1\/1 {5}Running {3}0 {10}/);
  });

  it('suggests commands that are near', () => {
    const session = open();
    expect(run(session, 'kubectl gett pods')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('error: unknown command "gett" for "kubectl"\n\nDid you mean this?\n'),
    });
    expect(run(session, 'kubectl zzz').stderr).toBe('error: unknown command "zzz" for "kubectl"\n');
  });

  it('says what it does not model', () => {
    const session = open();
    for (const cmd of [
      'kubectl logs deploy/web --all-pods',
      'kubectl get pods --subresource=scale',
      'kubectl explain pod --output=plaintext-openapiv2',
    ])
      expect(run(session, cmd)).toMatchObject({ exit: 64, stderr: expect.stringMatching(/^flatnet: not modelled: /) });
  });
});
