/** Importing this hands all programs to the engine, what the shell needs to run a line, /proc and /sys, and the YAML parser. */
import { containerLogs, podLogs } from '../k8s/node/pod-logs.ts';
import { procFs, sysFs } from '../linux/proc/index.ts';
import { bashRuntime } from '../shell/runtime.ts';
import { provideShellRuntime } from '../shell/runtime-port.ts';
import { provideMounts } from '../shell/vfs/mounts.ts';
import { parseYaml } from '../text/yaml.ts';
import { provideYaml } from '../text/yaml-port.ts';
import { describeCommands, provideCommands } from './provider.ts';
import { allCommands } from './registry.gen.ts';

describeCommands(allCommands);
provideCommands(allCommands);
provideYaml({ parse: parseYaml });
provideShellRuntime(bashRuntime);
provideMounts([procFs, sysFs, podLogs, containerLogs]);
