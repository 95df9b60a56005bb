/** The door to scenarios for hosts that have every program at once. */
import '../commands/load.ts';

export { assembleScene as buildScene, scenarioNames, type SceneSetup } from './assemble.ts';
