/** The engine's door for the browser's worker: sessions without the programs. Load them with `import('#sim/commands/load.ts')`. */

export { commands as shellCommands } from './commands/bash/index.ts';
export { describeCommands, provideCommands } from './commands/provider.ts';
export { commandStubs } from './commands/stubs.gen.ts';
export { type SceneSetup, scenarioNames } from './scene/assemble.ts';
export { type PumpResult, REPLAY_BOUNDS, ReplayBoundError, Session } from './session.ts';
export type { Transcript, TranscriptStep } from './transcript.ts';
