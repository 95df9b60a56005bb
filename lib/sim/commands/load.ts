/** Importing this hands all programs to the engine. */
import { describeCommands, provideCommands } from './provider.ts';
import { allCommands } from './registry.gen.ts';

describeCommands(allCommands);
provideCommands(allCommands);
