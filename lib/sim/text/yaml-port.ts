/** Access to the YAML parser for the engine's core, which is there before the parser is (commands/load.ts hands it over). */
import type { YamlResult } from './yaml.ts';

export interface YamlPort {
  parse(text: string): YamlResult;
}

let port: YamlPort | null = null;

/** Hands the parser over. */
export function provideYaml(given: YamlPort): void {
  port = given;
}

/** The parser. Only what a learner wrote is parsed with it, and that comes after the programs. */
export function yaml(): YamlPort {
  if (!port) throw new Error('the YAML parser has not been loaded');
  return port;
}
