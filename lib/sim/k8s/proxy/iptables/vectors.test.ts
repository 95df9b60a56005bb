import { describe, expect, it } from 'vitest';
import { applied, iptablesRules, vectorsOf } from '../../../test/kube-proxy/harness.ts';

describe('kube-proxy in iptables mode', () => {
  it.each(vectorsOf('iptables'))('writes what the release writes: %s', (_, vector) => {
    const rules = iptablesRules(applied(vector));
    expect([...rules].sort()).toEqual([...(vector.expected_rules_without_nfacct ?? vector.expected_rules)].sort());
    for (const [chain, lines] of Object.entries(vector.ordered_chains)) {
      const [table = '', name = ''] = chain.split(': ');
      // A kernel without nfacct has the rules without its counters, and not those that only count.
      const wanted = lines
        .filter((line) => !/ -m nfacct .* -j KUBE-EXT-/.test(line))
        .map((line) => line.replace(/ -m nfacct --nfacct-name +\S+/, ''));
      expect(rules.filter((rule) => rule.startsWith(`${table}: -A ${name} `))).toEqual(wanted);
    }
  });
});
