/** Importing this hands all programs to the engine. */
import { parseYaml } from '../text/yaml.ts';
import { provideYaml } from '../text/yaml-port.ts';
import { describeCommands, provideCommands } from './provider.ts';
import { allCommands } from './registry.gen.ts';

describeCommands(allCommands);
provideCommands(allCommands);
provideYaml({ parse: parseYaml });
