import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../kernel/machine.ts';
import { applied, iptablesRules, must, vectorsOf } from '../../../test/kube-proxy/harness.ts';

/** `ipvsadm -Ln` as lines of the vectors: `vs TCP IP:PORT rr`, `rs TCP IP:PORT -> IP:PORT Masq 1`. */
function servers(machine: Machine): string[] {
  const out: string[] = [];
  let service = '';
  for (const line of must(machine, 'ipvsadm -Ln').split('\n').slice(3)) {
    const words = line.trim().split(/ +/);
    if (words[0] === '->') out.push(`rs ${service} -> ${words.slice(1, 4).join(' ')}`);
    else if (words.length > 1) {
      service = words.slice(0, 2).join(' ');
      out.push(`vs ${words.join(' ')}`);
    }
  }
  return out;
}

/** Members of all sets, as `ipset save` has them. */
const members = (machine: Machine): string[] =>
  must(machine, 'ipset save')
    .split('\n')
    .filter((line) => line.startsWith('add '))
    .map((line) => line.replace('add ', 'set '));

describe('kube-proxy in IPVS mode', () => {
  it.each(vectorsOf('ipvs'))('writes what the release writes: %s', (_, vector) => {
    const machine = applied(vector);
    const rules = iptablesRules(machine);
    expect([...rules, ...servers(machine), ...members(machine)].sort()).toEqual([...vector.expected_rules].sort());
    for (const [chain, lines] of Object.entries(vector.ordered_chains)) {
      const [table = '', name = ''] = chain.split(': ');
      expect(rules.filter((r) => r.startsWith(`${table}: -A ${name} `))).toEqual(lines);
    }
  });
});
