/** The door to scenarios for hosts that have every program at once. */
import '../commands/load.ts';

export { assembleScene as buildScene, type SceneSetup, scenarioNames } from './assemble.ts';
