/**
 * The commands that worlds are built with. Node takes all of them at once ({@link import('./load.ts')}); the browser first takes their
 * descriptions (stubs.gen.ts), so that a prompt is there before the programs have been loaded, and the programs when they arrive.
 */
import type { Command } from './contract.ts';

/** A command's description without its program: what file systems and `which` need. */
export type CommandStub = Pick<Command, 'name' | 'aliases' | 'dir' | 'file' | 'images'>;

const table = new Map<string, Command>();
let descriptions: readonly CommandStub[] = [];

/** Names what is installed; programs may come later. */
export function describeCommands(stubs: readonly CommandStub[]): void {
  descriptions = stubs;
}

/** Hands over programs, to worlds that exist already as well. */
export function provideCommands(commands: readonly Command[]): void {
  for (const command of commands) {
    for (const name of [command.name, ...(command.aliases ?? [])]) table.set(name, command);
  }
}

/** What is installed, in a fixed order. */
export const installedCommands = (): readonly CommandStub[] => descriptions;

/** Every name the model answers to, aliases included. */
export const commandTable = (): ReadonlyMap<string, Command> => table;
