/** Three ways to the same verdict on random clusters, and a policy edited against all judged anew. FLATNET_LAWS_SEED draws others. */
import { describe, expect, it } from 'vitest';
import { PolicyDraw } from '../../test/policies.ts';
import { allBits, countBits, eachBit, hasBit, setBit, transposed, wordsFor } from './bits.ts';
import { compilePolicies, compilePolicy } from './compile.ts';
import { type PolicySet, USUAL } from './contract.ts';
import { podEndpoints } from './endpoints.ts';
import { judge } from './judge.ts';
import { pairMatrix, reaches, replacePolicy } from './matrix.ts';
import { walkPairs } from './walk.ts';

const FIRST = Number(process.env.FLATNET_LAWS_SEED ?? 1);
const SETS = Number(process.env.FLATNET_LAWS ?? 150);
const SEMANTICS = [USUAL, { blocksMatchPods: false, ownNodeAlwaysReached: true }];

function drawn(seed: number) {
  const draw = new PolicyDraw(seed, {
    namespaces: 4,
    pods: 20 + (seed % 30),
    policies: seed % 13,
    clusterPolicies: seed % 3 === 0 ? seed % 7 : 0,
    hostNetwork: seed % 2 === 0,
  });
  const set: PolicySet = {
    endpoints: podEndpoints(draw.pods(), draw.namespaces()),
    policies: compilePolicies(draw.policies()),
    nodes: [],
    semantics: SEMANTICS[seed % 5 === 0 ? 1 : 0] as PolicySet['semantics'],
  };
  return { draw, set };
}

const rowsOf = (set: PolicySet, cell: (from: number, to: number) => boolean) =>
  set.endpoints.map((_, from) => set.endpoints.map((_, to) => cell(from, to)));

describe('all pairs', () => {
  it(`of ${SETS} random clusters are those of the walk and of the judge`, () => {
    for (let seed = FIRST; seed < FIRST + SETS; seed++) {
      const { draw, set } = drawn(seed);
      const flow = draw.flow();
      const matrix = pairMatrix(set, flow);
      const rows = rowsOf(set, (from, to) => reaches(matrix, from, to));
      expect(rows, `seed ${seed}`).toEqual(walkPairs(set, flow));
      const judged = rowsOf(set, (from, to) =>
        Boolean(judge(set, set.endpoints[from] as never, set.endpoints[to] as never, flow).allowed),
      );
      expect(rows, `seed ${seed}`).toEqual(judged);
    }
  });

  it('after policies were added, changed and taken away are those judged anew', () => {
    for (let seed = FIRST; seed < FIRST + 40; seed++) {
      const { draw, set } = drawn(seed * 3);
      const flow = draw.flow();
      const matrix = pairMatrix(set, flow);
      const objects = new Map(set.policies.map((policy) => [`${policy.kind} ${policy.id}`, policy]));
      for (let step = 0; step < 8; step++) {
        const object = step % 3 === 2 ? draw.clusterPolicy(`cnp${step % 4}`, step) : draw.policy(`np${step % 5}`);
        const policy = compilePolicy(object);
        if (!policy) throw new Error('not a policy');
        const gone = step % 4 === 3;
        replacePolicy(matrix, policy.kind, policy.id, gone ? null : policy);
        if (gone) objects.delete(`${policy.kind} ${policy.id}`);
        else objects.set(`${policy.kind} ${policy.id}`, policy);
        const anew = pairMatrix({ ...set, policies: [...objects.values()].sort(byOrder) }, flow);
        expect(matrix.allowed, `seed ${seed} step ${step}`).toEqual(anew.allowed);
      }
    }
  });
});

const TIERS = ['Admin', 'NetworkPolicy', 'Baseline'];
const byOrder = (a: PolicySet['policies'][number], b: PolicySet['policies'][number]) =>
  TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || a.priority - b.priority || (a.id < b.id ? -1 : 1);

describe('bits', () => {
  it.each([1, 31, 32, 33, 64, 100])('are transposed, counted and listed: %i', (n) => {
    const words = wordsFor(n);
    const matrix = new Uint32Array(n * words);
    const cell = (i: number, j: number) => (i * 7 + j * 13) % 5 === 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (cell(i, j)) setBit(matrix.subarray(i * words), j);
    const turned = transposed(matrix, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) expect(hasBit(turned.subarray(j * words), i)).toBe(cell(i, j));
    expect(countBits(allBits(n))).toBe(n);
    const seen: number[] = [];
    eachBit(allBits(n), (i) => seen.push(i));
    expect(seen).toEqual(Array.from({ length: n }, (_, i) => i));
  });
});
