/** The given cases: the evaluator's verdict in every cell, by matrix, by walk and by the explaining judge. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../text/yaml.ts';
import type { KubeObject } from '../types.ts';
import { compilePolicies } from './compile.ts';
import { type FlowPort, type PolicySet, type Protocol, USUAL } from './contract.ts';
import { podEndpoints } from './endpoints.ts';
import { judge } from './judge.ts';
import { pairMatrix, reaches } from './matrix.ts';
import { walkPairs } from './walk.ts';

const folder = new URL('./vectors/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -5));

interface Expected {
  pods: string[];
  ports: string[];
  allowed: Record<string, boolean[][]>;
}

/** Addresses as a cluster could give them: one each, in a range a namespace. */
const addressOf = (id: string): string => {
  const [namespace, pod] = id.split('/') as [string, string];
  return `10.244.${'xyz'.indexOf(namespace)}.${10 + 'abc'.indexOf(pod)}`;
};

function read(name: string): { set: PolicySet; expected: Expected } {
  const text = readFileSync(new URL(`${name}.yaml`, folder), 'utf8');
  const parsed = parseYaml(text.replace(/\{\{ip:([^}]+)\}\}/g, (_, id: string) => addressOf(id)));
  if (!parsed.ok) throw new Error(parsed.message);
  const objects = parsed.documents as KubeObject[];
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  const set = {
    endpoints: podEndpoints(of('Pod'), of('Namespace'), addressOf),
    policies: compilePolicies(objects),
    nodes: [],
    semantics: USUAL,
  };
  return { set, expected: JSON.parse(readFileSync(new URL(`${name}.expected.json`, folder), 'utf8')) as Expected };
}

describe('given NetworkPolicy cases', () => {
  it('are all there', () => expect(names).toHaveLength(44));

  it.each(names)('%s', (name) => {
    const { set, expected } = read(name);
    const at = expected.pods.map((id) => set.endpoints.findIndex((end) => end.id === id));
    for (const port of expected.ports) {
      const [protocol, number] = port.split('/') as [Protocol, string];
      const flow: FlowPort = { protocol, port: Number(number) };
      const matrix = pairMatrix(set, flow);
      const walked = walkPairs(set, flow);
      const rows = (cell: (from: number, to: number) => boolean) => at.map((from) => at.map((to) => cell(from, to)));
      const judged = (from: number, to: number) =>
        judge(set, set.endpoints[from] as never, set.endpoints[to] as never, flow).allowed;
      expect(rows((from, to) => reaches(matrix, from, to))).toEqual(expected.allowed[port]);
      expect(rows((from, to) => walked[from]?.[to] ?? false)).toEqual(expected.allowed[port]);
      expect(rows(judged)).toEqual(expected.allowed[port]);
    }
  });
});
