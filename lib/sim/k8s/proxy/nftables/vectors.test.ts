import { describe, expect, it } from 'vitest';
import { formatIp, type Ip } from '../../../addr/ip.ts';
import type { Machine } from '../../../kernel/machine.ts';
import type { NftElem } from '../../../linux/netfilter/nft/types.ts';
import { findTable } from '../../../linux/netfilter/tables.ts';
import type { NetNs } from '../../../linux/types.ts';
import { runStep } from '../../../run-steps.ts';
import { buildScene } from '../../../scene/build.ts';
import { applied, must, type Vector, vectorsOf } from '../../../test/kube-proxy/harness.ts';
import { blocksOf, listingOf, sortedListing } from '../../../test/kube-proxy/nft-listing.ts';

const FAMILIES = ['ip', 'ip6'] as const;

const familyOf = (vector: Vector) => (vector.expected_rules.some((r) => r.includes('ipv6_addr')) ? 'ip6' : 'ip');

const rootNs = (machine: Machine): NetNs => {
  const [host] = machine.world.hosts.values();
  return machine.world.netns.get(host?.rootNs ?? 0) as NetNs;
};

/** All that stands in the table but its handles; a set's elements have no order, and a list does not say where its limit came from. */
function structure(ns: NetNs, family: string): unknown {
  const table = findTable(ns, family, 'kube-proxy');
  // What the data path worked out hangs on symbols.
  const chains = [...(table?.chains.values() ?? [])].map((c) => ({
    ...Object.fromEntries(Object.entries(c)),
    handle: 0,
    rules: c.rules.map((r) => ({ ...r, handle: 0 })),
  }));
  const text = (e: NftElem) => e.key.map((r) => formatIp(r.lo as Ip)).join(' . ');
  const sets = [...(table?.sets?.values() ?? [])].map((s) => ({
    ...s,
    handle: 0,
    grown: false,
    elems: Object.fromEntries(s.elems.map((e) => [text(e), e])),
  }));
  return { comment: table?.comment, chains, sets };
}

describe('kube-proxy in nftables mode', () => {
  it.each(vectorsOf('nftables'))('writes what the release writes, in the form that nft gives it: %s', (_, vector) => {
    const machine = applied(vector);
    const family = familyOf(vector);
    const mine = blocksOf(must(machine, `nft list table ${family} kube-proxy`));
    const expected = listingOf(vector.expected_rules, vector.ordered_chains, family);
    expect(sortedListing(mine)).toEqual(sortedListing(expected));
    for (const chain of Object.keys(vector.ordered_chains)) expect(mine.get(chain)).toEqual(expected.get(chain));

    const other = buildScene('bare', 1);
    runStep(other, { cmd: 'nft -f -', stdin: must(machine, 'nft list ruleset') });
    for (const f of FAMILIES) expect(structure(rootNs(machine), f)).toEqual(structure(rootNs(other), f));
  });
});
