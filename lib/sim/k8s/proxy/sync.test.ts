import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../kernel/machine.ts';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';
import { must } from '../../test/kube-proxy/harness.ts';
import { config, service, slice } from '../../test/kube-proxy/objects.ts';

const on = (machine: Machine) => (cmd: string) => must(machine, cmd);
const apply = (machine: Machine, ...objects: string[]) =>
  must(machine, `kubectl apply -f - <<'EOF'\n${objects.join('\n---\n')}\nEOF`);
const save = (machine: Machine) =>
  must(machine, 'iptables-save -t nat; iptables-save -t filter')
    .split('\n')
    .filter((line) => /^[:-]/.test(line));

describe('kube-proxy in iptables mode', () => {
  it('ends with the same rules whatever way the Services came to be what they are', () => {
    interface Op {
      name: number;
      kind: number;
      endpoints: number;
    }
    const objects = ({ name, kind, endpoints }: Op): string[] => {
      const ports: [string, number, string, number, number?][] =
        kind === 0
          ? [['', 80, 'TCP', 8080]]
          : [
              ['a', 80, 'TCP', 8080, 30000 + name],
              ['b', 53, 'UDP', 53, 31000 + name],
            ];
      const more = [
        {},
        { type: 'NodePort', externalTrafficPolicy: 'Local' },
        { type: 'NodePort', sessionAffinity: 'ClientIP', externalIPs: ['198.51.100.7'] },
      ][kind];
      return [
        service({ name: `s${name}`, ip: `10.96.7.${name + 1}`, ports, spec: more as Record<string, unknown> }),
        slice(
          `s${name}`,
          ports.map(([n, , protocol, target]) => [n, target, protocol] as const),
          Array.from({ length: endpoints }, (_, i) => ({ ip: `10.244.${i}.${name + 1}`, node: `node-${i + 1}` })),
        ),
      ];
    };
    const op = fc.record({
      name: fc.integer({ min: 0, max: 4 }),
      kind: fc.integer({ min: 0, max: 2 }),
      endpoints: fc.integer({ min: 0, max: 3 }),
      gone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(op, { minLength: 2, maxLength: 8 }), (ops) => {
        const machine = buildScene('kube-proxy-iptables', 1);
        const left = new Map<number, Op>();
        on(machine)('sleep 2');
        for (const o of ops) {
          if (left.has(o.name)) {
            on(machine)(`kubectl delete service s${o.name}; kubectl delete endpointslice s${o.name}-abcde`);
            left.delete(o.name);
          }
          if (!o.gone) {
            apply(machine, ...objects(o));
            left.set(o.name, o);
          }
          on(machine)('sleep 2');
        }
        const fresh = buildScene('kube-proxy-iptables', 1);
        if (left.size > 0) apply(fresh, ...[...left.values()].flatMap(objects));
        on(fresh)('sleep 3');
        expect(save(machine)).toEqual(save(fresh));
      }),
      { seed: 7, numRuns: 25 },
    );
  });

  const web = [
    service({ name: 'web', ip: '10.96.0.80', ports: [['http', 80, 'TCP', 8080]] }),
    slice('web', [['http', 8080]], [{ ip: '10.244.0.5' }, { ip: '10.244.0.6' }]),
  ];

  it('heals a flushed chain only in a full sync, which the loss of the canary brings', () => {
    const machine = buildScene('kube-proxy-iptables', 1);
    const run = on(machine);
    apply(machine, ...web);
    run('sleep 3');
    const before = save(machine);
    const svc = before.find((l) => /^:KUBE-SVC/.test(l))?.slice(1, 26) ?? '';
    run(`iptables -t nat -F ${svc}; iptables -t nat -F KUBE-SERVICES; iptables -t nat -D PREROUTING 1; sleep 40`);
    expect(save(machine)).not.toEqual(before);
    // A change of another Service writes the entry chains anew, but neither the jumps nor this Service's chains.
    apply(machine, service({ name: 'other', ip: '10.96.0.81', ports: [['', 80]] }));
    run('sleep 2');
    expect(run('iptables-save -t nat')).toContain('-d 10.96.0.80/32 -p tcp');
    expect(run(`iptables -t nat -S ${svc}`)).toBe(`-N ${svc}\n`);
    expect(run('iptables -t nat -S PREROUTING')).toBe('-P PREROUTING ACCEPT\n');
    run('kubectl delete service other; sleep 2; iptables -t mangle -X KUBE-PROXY-CANARY; sleep 40');
    expect(save(machine)).toEqual(before);
    expect(run('iptables -t mangle -S')).toContain('-N KUBE-PROXY-CANARY');
  });

  it('heals within an hour by itself, and after a refused write within syncPeriod', () => {
    const machine = buildScene('kube-proxy-iptables', 1);
    const run = on(machine);
    apply(machine, ...web);
    run('sleep 3');
    const before = save(machine);
    run('iptables -t nat -F KUBE-MARK-MASQ');
    for (let minutes = 0; minutes <= 60; minutes += 9) run('sleep 540');
    expect(save(machine)).toEqual(before);
    // A rule by hand that jumps to a chain which is to go: the write is refused until the rule is gone.
    const sep = before.find((l) => /^:KUBE-SEP/.test(l))?.slice(1, 26) ?? '';
    run(`iptables -t nat -A PREROUTING -j ${sep}`);
    run('kubectl delete endpointslice web-abcde; sleep 3');
    expect(run('iptables -t nat -S KUBE-SERVICES')).toContain('10.96.0.80');
    expect(run('curl -s 127.0.0.1:10249/metrics')).toContain(
      'kubeproxy_sync_proxy_rules_iptables_restore_failures_total{ip_family="IPv4"} 1\n',
    );
    run(`iptables -t nat -D PREROUTING -j ${sep}; sleep 31`);
    expect(run('iptables -t nat -S KUBE-SERVICES')).not.toContain('10.96.0.80');
  });

  it('leaves out comments above 1000 endpoints, and removes old chains only each syncPeriod then', () => {
    const machine = buildScene('kube-proxy-iptables', 1);
    const run = on(machine);
    apply(machine, ...web);
    run('sleep 3');
    const many = Array.from({ length: 1001 }, (_, i) => ({ ip: `10.244.${8 + (i >> 8)}.${i & 255}` }));
    apply(machine, service({ name: 'many', ip: '10.96.0.99', ports: [['', 80]] }), slice('many', [['', 80]], many));
    run('sleep 2');
    const rules = save(machine);
    expect(rules.some((l) => /^-A KUBE-SVC\S+ -m statistic --mode random --probability 0.00099900/.test(l))).toBe(true);
    expect(rules.some((l) => /^-A KUBE-SVC\S+ -m comment --comment "default\/web:http -> /.test(l))).toBe(true);
    run('kubectl delete endpointslice web-abcde; sleep 2');
    expect(save(machine).filter((l) => /^:KUBE-SVC/.test(l))).toHaveLength(2);
    run('sleep 40');
    apply(machine, service({ name: 'more', ip: '10.96.0.98', ports: [['', 80]] }));
    run('sleep 2');
    expect(save(machine).filter((l) => /^:KUBE-SVC/.test(l))).toHaveLength(1);
  });

  it('writes the marks, the masquerading and the loopback guard as the configuration says', () => {
    const machine = buildScene('kube-proxy-iptables', 1);
    const { exit } = runStep(machine, { cmd: 'sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1' });
    expect(exit).toBe(0);
    apply(machine, config('iptables:\n  masqueradeBit: 6\n  localhostNodePorts: false\n'));
    on(machine)('sleep 3');
    const rules = save(machine);
    expect(rules).toContain('-A KUBE-MARK-MASQ -j MARK --set-xmark 0x40/0x40');
    expect(rules).toContain(
      '-A KUBE-SERVICES ! -d 127.0.0.0/8 -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    );
    expect(rules.filter((l) => /INVALID|KUBE-FIREWALL .*127/.test(l))).toEqual([]);
    expect(must(machine, 'sysctl -n net.ipv4.conf.all.route_localnet')).toBe('0\n');
  });

  it('waits minSyncPeriod between two syncs', () => {
    const machine = buildScene('kube-proxy-iptables', 1);
    const run = on(machine);
    apply(
      machine,
      config('iptables:\n  minSyncPeriod: 10s\n'),
      service({ name: 'a', ip: '10.96.0.1', ports: [['', 80]] }),
    );
    run('sleep 12');
    const rejects = () => Number(run('iptables -S KUBE-SERVICES | grep -c REJECT; true'));
    apply(machine, service({ name: 'b', ip: '10.96.0.2', ports: [['', 80]] }));
    run('sleep 1');
    expect(rejects()).toBe(2);
    apply(machine, service({ name: 'c', ip: '10.96.0.3', ports: [['', 80]] }));
    run('sleep 7');
    expect(rejects()).toBe(2);
    run('sleep 4');
    expect(rejects()).toBe(3);
  });

  it('writes for one Service among many only what is its own, and forgets the counters of the entry chains', () => {
    const machine = buildScene('kube-proxy-iptables', 1);
    const run = on(machine);
    const one = (n: number) => [
      service({ name: `s${n}`, ip: `10.96.3.${n}`, ports: [['http', 80, 'TCP', 8080]] }),
      slice(`s${n}`, [['http', 8080]], [{ ip: `10.244.0.${n}` }]),
    ];
    apply(machine, ...Array.from({ length: 60 }, (_, i) => one(i + 1)).flat());
    run('sleep 3; timeout 1 ncat -w 1 10.96.3.5 80; true');
    const ns = machine.world.netns.get(machine.world.hosts.get('node-1')?.rootNs ?? 0);
    const rules = () => [...(ns?.nf.tables.get('ip nat')?.chains.values() ?? [])].flatMap((chain) => chain.rules);
    const before = new Set(rules());
    expect([...before].some((r) => r.packets > 0)).toBe(true);
    apply(machine, ...one(61));
    run('sleep 2');
    const after = rules();
    expect(after.filter((r) => !before.has(r))).toHaveLength(5);
    expect(after).toHaveLength(before.size + 5);
    const services = ns?.nf.tables.get('ip nat')?.chains.get('KUBE-SERVICES')?.rules ?? [];
    expect(services.every((r) => r.packets === 0)).toBe(true);
    const fresh = buildScene('kube-proxy-iptables', 1);
    apply(fresh, ...Array.from({ length: 61 }, (_, i) => one(i + 1)).flat());
    must(fresh, 'sleep 3');
    expect(save(machine)).toEqual(save(fresh));
  });
});
