import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ProxyConfig } from '../config.ts';
import { DEFAULT_CONFIG } from '../config.ts';
import type { LocalDetector } from '../mode.ts';
import { TestNode } from './harness.ts';
import { blocksOf, listingOf, sortedListing } from './listing.ts';

const dir = fileURLToPath(new URL('./vectors', import.meta.url));

interface Vector {
  manifests: string;
  expected_rules: string[];
  ordered_chains: Record<string, string[]>;
  /** Of the project's own vectors: fields of the configuration that are not the default. */
  config?: Partial<ProxyConfig['nftables']> & { nodePortAddresses?: string[] };
  detector?: LocalDetector;
  family?: 'ip' | 'ip6';
}

function nodeOf(vector: Vector): TestNode {
  const { nodePortAddresses = ['primary'], ...nftables } = vector.config ?? {};
  const node = new TestNode(vector.manifests, {
    config: { nodePortAddresses, nftables: { ...DEFAULT_CONFIG.nftables, ...nftables } },
    ...(vector.detector === undefined ? {} : { detector: { ip: vector.detector, ip6: vector.detector } }),
  });
  expect(node.sync()).toBe(true);
  return node;
}

describe('kube-proxy in nftables mode', () => {
  it.each(readdirSync(dir).sort())('writes what the release writes: %s', (file) => {
    const vector = JSON.parse(readFileSync(`${dir}/${file}`, 'utf8')) as Vector;
    const family = vector.family ?? 'ip';
    const node = nodeOf(vector);
    const mine = blocksOf(node.run(`nft list table ${family} kube-proxy`));
    const expected = listingOf(vector.expected_rules, vector.ordered_chains, family);
    expect(sortedListing(mine)).toEqual(sortedListing(expected));
    for (const name of Object.keys(vector.ordered_chains)) expect(mine.get(name)).toEqual(expected.get(name));
  });
});
