/** A running program and its open files. Programs are synchronous generators of system calls. */
import type { NetNs } from '../linux/types.ts';
import type { DirNode } from '../shell/vfs/types.ts';
import type { Machine } from './machine.ts';
import type { Tty } from './tty.ts';
import type { Host, ProcessInfo, World } from './world.ts';

/** What a program asks of the kernel; the answer comes back from `yield`. Use the helpers in `commands/io.ts`. */
export type Sys =
  /** Writes text. A closed pipe kills the program with SIGPIPE (exit 141). */
  | { op: 'write'; fd: number; data: string }
  /** Reads what is there, at most `max` characters; waits when nothing is. Answers a string, or null at end of file. */
  | { op: 'read'; fd: number; max?: number }
  /** Reads one line from a terminal with a prompt (the interactive shell only). Answers a string, or null for ^D. */
  | { op: 'readline'; prompt: string }
  /** Sleeps `us` microseconds of virtual time. */
  | { op: 'sleep'; us: number }
  /** Waits until `ready()` or the deadline (virtual µs; null for none). Answers whether `ready()` held. */
  | { op: 'wait'; ready: () => boolean; deadline: number | null; on?: WaitOn; rest?: Rest }
  /** Waits for a child to end. Answers its exit status. `host` is where it runs, when not on the caller's. */
  | { op: 'waitpid'; pid: number; host?: string };

/**
 * What alone can make a wait's `ready()` true: a write to the API or the end of a container's process on the same host, or
 * nothing at all. Without it the wait is looked at
 * whenever something has happened.
 */
export type WaitOn = 'api' | 'never';

/**
 * A program that waits with nothing under way, and what it remembers, as plain data: `main` started with that comes to the
 * same wait without doing anything before. See kernel/fork.ts.
 */
export interface Rest {
  main(proc: Proc, state: never): Program;
  state: unknown;
}

/** A program's run: yields system calls, returns the exit status (0–255). */
export type Program = Generator<Sys, number, unknown>;
/** A part of a program that yields system calls and returns a value: call it with `yield*`. */
export type Io<T> = Generator<Sys, T, unknown>;

export interface Pipe {
  buffer: string;
  readers: number;
  writers: number;
}

/** An open file: positions are per open, as in POSIX. */
export type FileDesc =
  | { kind: 'pipe'; pipe: Pipe; end: 'read' | 'write' }
  | { kind: 'tty'; tty: Tty }
  | { kind: 'null' }
  /** A regular or dynamic file opened by the VFS. `read` answers '' at end of file. */
  | {
      kind: 'file';
      path: string;
      read(max?: number): string;
      write(data: string): string | null;
      /** The same file in a copy of the world; `copy` answers what stands there for a part of this one. */
      remake?(copy: <T>(value: T) => T): FileDesc;
    }
  /** Fixed input, and collected output, of scripts and graders. A closed sink drops what is written. */
  | { kind: 'source'; text: string }
  | { kind: 'sink'; chunks: string[]; closed?: boolean };

export interface Proc {
  readonly machine: Machine;
  readonly world: World;
  readonly host: Host;
  readonly info: ProcessInfo;
  /** Who started it; a program on another host has a parent, too (ssh, kubectl exec). */
  parent: Proc | null;
  /** argv[0] is the name it was called by. */
  readonly argv: string[];
  /** Current network namespace: `ip netns exec`, `nsenter` and `kubectl exec` start programs in another. */
  netns: NetNs;
  /** Root directory it sees (the host's, or a container's). */
  root: DirNode;
  /** UTS host name it sees. */
  hostname: string;
  cwd: string;
  /** Exported environment. */
  env: Map<string, string>;
  fds: Map<number, FileDesc>;
  /** Controlling terminal, when it has one. */
  tty: Tty | null;
  /** Process group: what ^C reaches. */
  pgid: number;
  program: Program;
  blocked: Sys | null;
  /** Virtual time at which a sleep or a wait ends. */
  wakeAt: number | null;
  /** The API's revision when its wait was last looked at; -1 before. */
  seen: number;
  /** Exit status once ended. */
  status: number | null;
  /** Runs when the program ends, however it ends (closes sockets, drops captures). */
  atExit: (() => void)[];
  /** A unit or a container: not one of the programs that a user may run at once. */
  daemon: boolean;
  /** Survives ^C (daemons, interactive shells). */
  ignoreInterrupt: boolean;
  /** Its handler of SIGINT: called instead of ending the program (ping, tcpdump print their summary). */
  onInterrupt?: () => void;
  /** Its handler of SIGTERM. */
  onTerminate?: () => void;
  /** It handles SIGTERM by ending at once with this status. */
  termStatus?: number;
}
