/** The engine's only door. */

export type { Command, OptionDoc } from './commands/contract.ts';
export { allCommands } from './commands/registry.gen.ts';
export {
  compilePolicies,
  compilePolicy,
  type Endpoint as PolicyEndpoint,
  type FlowPort,
  judge as judgeFlow,
  outsideEndpoint,
  type PairMatrix,
  type Policy,
  type PolicySet,
  pairMatrix,
  podEndpoints,
  policyNodes,
  reaches,
  replacePolicy,
  USUAL,
  type Verdict as PolicyVerdict,
  walkPairs,
} from './k8s/policy/index.ts';
export {
  BODY_LIMIT,
  changesSince,
  containerLog,
  failure as apiFailure,
  handle as handleApiRequest,
  listObjects,
  logText,
  newProcessStreams,
  type RestAnswer,
  type RestLog,
  type RestRequest,
  type RestStream,
  type RestWatch,
  revision,
  startStream,
} from './k8s/rest/index.ts';
export type { HeaderView, TraceEvent, TraceStep } from './kernel/trace.ts';
export type { LogLine } from './kernel/world.ts';
export { type Matrix, type MatrixPort, type MatrixRequest, matrix, matrixText, parseMatrixPort } from './matrix.ts';
export { type Clock, ConnectMeter, type ConnectTime, DatagramMeter } from './measure.ts';
export { type ProbeError, type ProbeResult, parseProtocol, probe } from './probe.ts';
export {
  CARRIER_DELAY,
  DEFAULT_BOUNDS,
  type RunBounds,
  runStep,
  type ScriptStep,
  type StepResult,
  waitsForCarrier,
} from './run-steps.ts';
export { buildScene, type SceneSetup, scenarioNames } from './scene/build.ts';
export { kernelFor } from './scene/kernel-choice.ts';
export { type PumpResult, REPLAY_BOUNDS, ReplayBoundError, type ReplayBounds, Session } from './session.ts';
export type { TopologyLink, TopologyNetns, TopologySnapshot } from './topology.ts';
export { renderTrace } from './trace/words.ts';
export { emptyTranscript, linesOf, TRANSCRIPT_VERSION, type Transcript, type TranscriptStep } from './transcript.ts';
export { ENGINE_VERSION } from './version.ts';
