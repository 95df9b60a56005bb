/** NetworkPolicy judged directly: what policies mean, beside what a plugin's data plane does. */
export { compilePolicies, compilePolicy } from './compile.ts';
export {
  type Endpoint,
  type FlowPort,
  type Policy,
  type PolicySet,
  type Semantics,
  USUAL,
  type Verdict,
} from './contract.ts';
export { outsideEndpoint, podEndpoints, policyNodes } from './endpoints.ts';
export { judge } from './judge.ts';
export { type PairMatrix, pairMatrix, reaches, replacePolicy } from './matrix.ts';
export { walkPairs } from './walk.ts';
