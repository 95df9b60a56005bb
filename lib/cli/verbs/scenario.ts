import { scenarioNames } from '#sim/index.ts';
import { UsageError } from '../args.ts';

/** The name when the engine knows it; a usage error naming those it knows when not. */
export function knownScenario(name: string): string {
  if (!scenarioNames.includes(name))
    throw new UsageError(`unknown scenario ${name}; there are: ${scenarioNames.join(', ')}`);
  return name;
}
