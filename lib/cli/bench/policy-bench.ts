/** All pairs of 1,000 Pods under 300 policies: by sets, by a plain walk in the same run, and after one policy was edited. */
import {
  compilePolicies,
  compilePolicy,
  pairMatrix,
  podEndpoints,
  reaches,
  replacePolicy,
  USUAL,
  walkPairs,
} from '#sim/index.ts';
import { PolicyDraw } from '../../sim/test/policies.ts';
import { type Context, rounds } from './context.ts';
import { rowOf } from './stats.ts';

const SIZE = { namespaces: 20, pods: 1000, policies: 300, clusterPolicies: 0, hostNetwork: false };
const FLOW = { protocol: 'TCP', port: 80 } as const;
/** A policy page judges on every key: what counts is the evaluator when V8 has translated it. */
const WARM = 150;
const ROUNDS = 150;
const WALK_BUDGET = 20_000;

export async function policyBench(c: Context): Promise<void> {
  const names = ['policy-pairs', 'policy-objects', 'policy-edit'];
  if (!names.some((n) => c.wants(n))) return;
  c.say(`${SIZE.pods} Pods, ${SIZE.policies} policies`);
  const draw = new PolicyDraw(1, SIZE);
  const [pods, namespaces, policies] = [draw.pods(), draw.namespaces(), draw.policies()];
  const setOf = () => ({
    endpoints: podEndpoints(pods, namespaces),
    policies: compilePolicies(policies),
    nodes: [],
    semantics: USUAL,
  });
  const set = setOf();
  const matrix = pairMatrix(set, FLOW);
  const pairs: number[] = [];
  const objects: number[] = [];
  const edits: number[] = [];
  for (let i = 0; i < WARM + ROUNDS; i++) {
    const start = performance.now();
    const read = setOf();
    const compiled = performance.now();
    pairMatrix(read, FLOW);
    const middle = performance.now();
    const edited = compilePolicy(draw.policy(`np${i % SIZE.policies}`));
    if (!edited) throw new Error('not a policy');
    const before = performance.now();
    replacePolicy(matrix, edited.kind, edited.id, edited);
    const end = performance.now();
    if (i < WARM) continue;
    pairs.push(middle - compiled);
    objects.push(compiled - start);
    edits.push(end - before);
  }
  const walks: number[] = [];
  await rounds(3, WALK_BUDGET, () => {
    const start = performance.now();
    const walked = walkPairs(set, FLOW);
    walks.push(performance.now() - start);
    const fresh = pairMatrix(set, FLOW);
    for (const [from, row] of walked.entries())
      for (const [to, allowed] of row.entries())
        if (allowed !== reaches(fresh, from, to)) throw new Error(`the walk differs at ${from} → ${to}`);
  });
  const size = `${SIZE.pods} Pods × ${SIZE.policies} policies`;
  if (c.wants('policy-pairs')) {
    const what = `all pairs, ${size}, one port; beside it a plain per-pair walk with equal answers`;
    c.add(rowOf({ name: 'policy-pairs', what, unit: 'ms', goal: 3 }, pairs, walks));
  }
  if (c.wants('policy-objects'))
    c.add(rowOf({ name: 'policy-objects', what: `API objects read, ${size}`, unit: 'ms', goal: null }, objects));
  if (c.wants('policy-edit'))
    c.add(rowOf({ name: 'policy-edit', what: `one policy edited, ${size}`, unit: 'ms', goal: 0.2 }, edits));
}
