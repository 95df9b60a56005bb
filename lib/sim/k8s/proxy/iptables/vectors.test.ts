import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseIp4 } from '../../../addr/ip.ts';
import { createHost, createWorld } from '../../../kernel/create.ts';
import { addAddress } from '../../../linux/addr/ops.ts';
import { addLink, findLink, setLink } from '../../../linux/link/ops.ts';
import { ruleLine } from '../../../linux/netfilter/print.ts';
import { findTable } from '../../../linux/netfilter/tables.ts';
import { createNetns } from '../../../linux/netns/netns.ts';
import { emptyDir } from '../../../shell/vfs/tree.ts';
import { parseYaml } from '../../../text/yaml.ts';
import { provideYaml } from '../../../text/yaml-port.ts';
import { resourceOfKind } from '../../kinds/resources.ts';
import { createCluster, insertObject } from '../../store/store.ts';
import type { KubeObject } from '../../types.ts';
import { syncIptables } from './sync.ts';

const dir = fileURLToPath(new URL('./vectors', import.meta.url));

interface Vector {
  manifests: string;
  expected_rules: string[];
  expected_rules_without_nfacct: string[];
  ordered_chains: Record<string, string[]>;
}

provideYaml({ parse: parseYaml });

function rulesOf(vector: Vector): string[] {
  const world = createWorld('vector', 1);
  world.cluster = createCluster();
  const host = createHost(world, 'node-1', emptyDir());
  const ns = createNetns(world, host, 'node-1');
  host.rootNs = ns.id;
  addLink(world, ns, { kind: 'dummy', name: 'eth0', up: true });
  const eth0 = findLink(ns, 'eth0');
  if (eth0) {
    setLink(world, ns, eth0, { up: true });
    addAddress(world, ns, eth0, { local: parseIp4('172.18.0.2') as number, len: 16 });
  }
  const parsed = parseYaml(vector.manifests);
  for (const document of parsed.ok ? (parsed.documents as KubeObject[]) : []) {
    const resource = resourceOfKind(document.kind);
    if (resource) insertObject(world, resource.name, document);
  }
  syncIptables(world, host, ns, 'node-1');
  return ['filter', 'nat'].flatMap((table) =>
    [...(findTable(ns, 'ip', table)?.chains.values() ?? [])]
      .filter((c) => c.name.startsWith('KUBE-'))
      .flatMap((c) => c.rules.map((r) => `${table}: ${ruleLine(c.name, r, 'ip')}`)),
  );
}

describe('kube-proxy in iptables mode', () => {
  it.each(readdirSync(dir).sort())('writes what the release writes: %s', (file) => {
    const vector = JSON.parse(readFileSync(`${dir}/${file}`, 'utf8')) as Vector;
    const rules = rulesOf(vector);
    // Counters of nfacct are left out where the kernel has none: both forms are the release's own.
    const plain = (lines: string[]) =>
      [...new Set(lines.map((l) => l.replace(/ -m nfacct --nfacct-name +\S+/, '')))]
        .filter((l) => !/KUBE-NODEPORTS -d 127\.0\.0\.0\/8/.test(l))
        .sort();
    expect(plain(rules)).toEqual(plain(vector.expected_rules));
    for (const [chain, lines] of Object.entries(vector.ordered_chains)) {
      const [table = '', name = ''] = chain.split(': ');
      const mine = rules.filter((r) => r.startsWith(`${table}: -A ${name} `));
      expect(mine).toEqual(lines.map((l) => l.replace(/ -m nfacct --nfacct-name +\S+/, '')));
    }
  });
});
