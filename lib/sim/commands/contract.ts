/**
 * What a command is. Each stands in `commands/<name>/` and exports `command` (or `commands`) from its index.ts;
 * `npm run gen` lists them in registry.gen.ts.
 */
import type { Proc, Program } from '../kernel/process.ts';

/** One option as the real tool documents it: feeds completion and the page of supported commands. */
export interface OptionDoc {
  /** `-n`, `--numeric`, or an iproute2 keyword such as `dev`. */
  flag: string;
  /** Placeholder of its value, when it takes one. */
  value?: string;
  /** Whether the model does what the real one does. Otherwise it answers "not modelled" and exits 64. */
  modelled: boolean;
}

/** Where a program is installed: the images (root file systems) that have it. */
export type Image = 'node' | 'netshoot' | 'busybox' | 'http' | 'coredns';

export interface CompletionRequest {
  proc: Proc;
  /** Words before the one being completed, the command itself first. */
  words: string[];
  /** The word under the cursor, up to the cursor. */
  word: string;
}

export interface Command {
  name: string;
  /** Other names it answers to (`iptables-save`, `ip6tables`): argv[0] tells it which. */
  aliases?: string[];
  /** Where `which` finds it. */
  /** Its file's name where that is not `name`: two programs of the same file name in different directories. */
  file?: string;
  dir: '/usr/bin' | '/usr/sbin' | '/bin' | '/sbin' | '/usr/local/bin' | '/opt/cni/bin' | '/usr/lib/cni';
  summary: string;
  images: Image[];
  options: OptionDoc[];
  /** What is known and answers `flatnet: not modelled: …`, exit 64, beside single options. */
  notModelled?: string[];
  run(proc: Proc): Program;
  /** Candidates for the word, whole words; the shell adds options and file names itself. */
  complete?(request: CompletionRequest): string[];
}

/** Types a command definition. */
export const defineCommand = (command: Command): Command => command;
