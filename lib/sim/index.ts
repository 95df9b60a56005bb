/** The engine's only door. */
export { runStep, DEFAULT_BOUNDS, type RunBounds, type ScriptStep, type StepResult } from './run-steps.ts';
export { parseProtocol, probe, type ProbeError, type ProbeResult } from './probe.ts';
export { buildScene, scenarioNames, type SceneSetup } from './scene/build.ts';
export { REPLAY_BOUNDS, ReplayBoundError, Session, type PumpResult, type ReplayBounds } from './session.ts';
export { linesOf, TRANSCRIPT_VERSION, emptyTranscript, type Transcript, type TranscriptStep } from './transcript.ts';
export type { TopologyLink, TopologyNetns, TopologySnapshot } from './topology.ts';
export type { HeaderView, TraceEvent, TraceStep } from './kernel/trace.ts';
export { ENGINE_VERSION } from './version.ts';
export { allCommands } from './commands/registry.gen.ts';
export type { Command, OptionDoc } from './commands/contract.ts';
export { renderTrace } from './trace/words.ts';
