/**
 * The engine's door for the browser's worker: what it takes to build a scene and to show its prompt. Importing
 * `#sim/commands/load.ts` afterwards brings the other programs and the parsers; until then no line can be run.
 */

import { commands as shells } from './commands/bash/index.ts';
import { command as bridge } from './commands/cni-bridge/index.ts';
import { command as flannel } from './commands/cni-flannel/index.ts';
import { command as hostLocal } from './commands/cni-host-local/index.ts';
import { command as portmap } from './commands/cni-portmap/index.ts';
import { describeCommands, provideCommands } from './commands/provider.ts';
import { commandStubs } from './commands/stubs.gen.ts';

describeCommands(commandStubs);
provideCommands([...shells, bridge, flannel, hostLocal, portmap]);

export { type SceneSetup, scenarioNames } from './scene/assemble.ts';
export { type PumpResult, REPLAY_BOUNDS, ReplayBoundError, Session } from './session.ts';
export type { Transcript, TranscriptStep } from './transcript.ts';
