/**
 * A copy of a machine that goes on by itself: how a scene that took long to build is had again. The world is plain data and
 * is copied; a program is copied where it said that it rests ({@link Rest}): it is started anew from what it remembers.
 */
import { Machine } from './machine.ts';
import type { FileDesc, Proc, Program } from './process.ts';
import { TraceLog } from './trace-ring.ts';
import { VersionedMap } from './versioned.ts';
import type { World } from './world.ts';

/** Something is under way that cannot be copied. */
class NotAtRest extends Error {}

/** Copies plain data. What is there once is copied once, so that what is shared stays shared. */
class Copier {
  private readonly done = new Map<object, unknown>();

  copy<T>(value: T): T {
    if (typeof value === 'function') throw new NotAtRest('a function among the data');
    if (typeof value !== 'object' || value === null) return value;
    const known = this.done.get(value);
    if (known !== undefined) return known as T;
    return this.make(value) as T;
  }

  /** What stands for an object from now on. */
  put(value: object, copy: object): void {
    this.done.set(value, copy);
  }

  private make(value: object): unknown {
    if (Array.isArray(value)) {
      const copy = value.slice();
      this.done.set(value, copy);
      for (let i = 0; i < copy.length; i++) {
        const item = copy[i];
        if (typeof item === 'object' && item !== null) copy[i] = this.copy(item);
      }
      return copy;
    }
    if (value instanceof Map) {
      const copy: Map<unknown, unknown> = value instanceof VersionedMap ? new VersionedMap() : new Map();
      this.done.set(value, copy);
      for (const [key, item] of value) copy.set(key, this.copy(item));
      return copy;
    }
    if (value instanceof Set) {
      const copy = new Set(value);
      this.done.set(value, copy);
      return copy;
    }
    if (value instanceof TraceLog) return value.follower();
    // Files that nobody changes in place are the same in every world.
    if (Object.isFrozen(value)) return value;
    return this.record(value as Record<string, unknown>);
  }

  private record(value: Record<string, unknown>): unknown {
    const proto = Object.getPrototypeOf(value);
    const copy: Record<string | symbol, unknown> =
      proto === Object.prototype ? { ...value } : Object.assign(Object.create(proto), value);
    this.done.set(value, copy);
    // What was derived from the original (linux/derived.ts) is not the copy's.
    const symbols = Object.getOwnPropertySymbols(copy);
    for (const symbol of symbols) copy[symbol] = undefined;
    for (const key of Object.keys(copy)) {
      const item = copy[key];
      if (typeof item === 'object' ? item !== null : typeof item === 'function') copy[key] = this.copy(item);
    }
    return copy;
  }
}

function copyFile(file: FileDesc, copier: Copier): FileDesc {
  if (file.kind === 'null') return { kind: 'null' };
  if (file.kind === 'file' && file.remake) return file.remake((value) => copier.copy(value));
  throw new NotAtRest(`an open file of kind ${file.kind}`);
}

function copyFiles(fds: ReadonlyMap<number, FileDesc>, copier: Copier, files: Map<FileDesc, FileDesc>): Proc['fds'] {
  const copies: Proc['fds'] = new Map();
  for (const [fd, file] of fds) {
    let copy = files.get(file);
    if (!copy) files.set(file, (copy = copyFile(file, copier)));
    copies.set(fd, copy);
  }
  return copies;
}

function copyProc(proc: Proc, machine: Machine, copier: Copier, files: Map<FileDesc, FileDesc>): Proc {
  const { blocked } = proc;
  if (blocked?.op !== 'wait' || !blocked.rest || proc.tty || proc.onInterrupt || proc.onTerminate)
    throw new NotAtRest(`${proc.argv[0]} is at work`);
  const copy: Proc = {
    ...proc,
    machine,
    world: machine.world,
    host: copier.copy(proc.host),
    info: copier.copy(proc.info),
    parent: proc.parent && proc.parent.status === null ? copier.copy(proc.parent) : null,
    argv: copier.copy(proc.argv),
    netns: copier.copy(proc.netns),
    root: copier.copy(proc.root),
    env: new Map(proc.env),
    fds: copyFiles(proc.fds, copier, files),
    atExit: [],
    program: undefined as unknown as Program,
  };
  copier.put(proc, copy);
  copy.program = blocked.rest.main(copy, copier.copy(blocked.rest.state) as never);
  const first = copy.program.next();
  if (first.done || first.value.op !== 'wait' || copy.atExit.length !== proc.atExit.length)
    throw new Error(`${proc.argv[0]} did not come back to where it rested`);
  copy.blocked = first.value;
  return copy;
}

/** The copy; null when a program of the machine is in the middle of something. The original stays as it is. */
export function forkMachine(machine: Machine): Machine | null {
  if (machine.ttys.size > 0) return null;
  try {
    const copier = new Copier();
    const fork = new Machine(copier.copy<World>(machine.world), machine.commands);
    fork.steps = machine.steps;
    const files = new Map<FileDesc, FileDesc>();
    for (const [key, proc] of machine.procs) fork.procs.set(key, copyProc(proc, fork, copier, files));
    return fork;
  } catch (error) {
    if (error instanceof NotAtRest) return null;
    throw error;
  }
}
