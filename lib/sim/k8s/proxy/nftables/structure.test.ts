import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatIp, type Ip } from '../../../addr/ip.ts';
import type { NftElem } from '../../../linux/netfilter/nft/types.ts';
import { findTable } from '../../../linux/netfilter/tables.ts';
import type { NetNs } from '../../../linux/types.ts';
import { runStep } from '../../../run-steps.ts';
import { buildScene } from '../../../scene/build.ts';
import { TestNode } from './harness.ts';

const dir = fileURLToPath(new URL('./vectors', import.meta.url));

/** All that stands in the table but its handles; a set's elements have no order, and a list does not say where its limit came from. */
function structure(ns: NetNs, family: string): unknown {
  const table = findTable(ns, family, 'kube-proxy');
  const chains = [...(table?.chains.values() ?? [])].map((c) => ({
    ...c,
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

describe('the rules of kube-proxy', () => {
  it.each(readdirSync(dir).sort())('are what nft makes of the same text: %s', (file) => {
    const { manifests } = JSON.parse(readFileSync(`${dir}/${file}`, 'utf8')) as { manifests: string };
    const node = new TestNode(manifests);
    expect(node.sync()).toBe(true);
    const other = buildScene('bare', 1);
    runStep(other, { cmd: 'nft -f -', stdin: node.run('nft list ruleset') });
    const ns = [...other.world.netns.values()][0] as NetNs;
    for (const family of ['ip', 'ip6']) expect(structure(node.ns, family)).toEqual(structure(ns, family));
  });
});
