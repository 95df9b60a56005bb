import { describe, expect, it } from 'vitest';
import type { Command } from '../commands/contract.ts';
import { makePipe, print, read, runChild, sleep, waitFor } from '../commands/io.ts';
import { createNetns } from '../linux/netns/netns.ts';
import type { DirNode } from '../shell/vfs/types.ts';
import { createHost, createWorld } from './create.ts';
import { hashValue } from './hash.ts';
import { Machine } from './machine.ts';
import type { FileDesc, Proc, Program } from './process.ts';
import { nextBelow, seedRng } from './rng.ts';
import { cancelTimer, onTimer, setTimer } from './timers.ts';
import { createTty } from './tty.ts';

const emptyRoot = (): DirNode => ({ type: 'dir', mode: 0o755, uid: 0, gid: 0, mtime: 0, entries: new Map() });

function machineWith(programs: Record<string, (proc: Proc) => Program>) {
  const world = createWorld('test', 1);
  const host = createHost(world, 'h', emptyRoot());
  host.rootNs = createNetns(world, host, 'h').id;
  const commands = new Map(
    Object.entries(programs).map(([name, run]): [string, Command] => [
      name,
      { name, dir: '/bin', summary: '', images: [], options: [], run },
    ]),
  );
  const machine = new Machine(world, commands);
  const sink = (): FileDesc & { kind: 'sink' } => ({ kind: 'sink', chunks: [] });
  return { machine, world, host, sink };
}

const runToEnd = (machine: Machine): void => {
  for (let i = 0; i < 1000; i++) {
    machine.pump();
    const at = machine.nextAt();
    if (at === null) return;
    machine.advance(at);
  }
};

describe('Machine', () => {
  it('joins programs by pipes and ends the writer by SIGPIPE', () => {
    const { machine, host, sink } = machineWith({
      *yes() {
        for (;;) yield* print('y\n');
      },
      *head() {
        yield* print((yield* read(0, 4)) ?? '');
        return 0;
      },
    });
    const { readEnd, writeEnd } = makePipe();
    const out = sink();
    const yes = machine.spawn({ host, argv: ['yes'], fds: new Map([[1, writeEnd]]) });
    machine.spawn({
      host,
      argv: ['head'],
      fds: new Map<number, FileDesc>([
        [0, readEnd],
        [1, out],
      ]),
    });
    expect(machine.pump()).toBe(true);
    expect(out.chunks.join('')).toBe('y\ny\n');
    expect(yes?.status).toBe(141);
  });

  it('moves virtual time only when told to', () => {
    const { machine, host, sink, world } = machineWith({
      *tick() {
        for (let i = 0; i < 3; i++) {
          yield* print(`${i}`);
          yield* sleep(1_000_000);
        }
        return 7;
      },
    });
    const out = sink();
    const proc = machine.spawn({ host, argv: ['tick'], fds: new Map([[1, out]]) });
    machine.pump();
    expect([out.chunks.join(''), world.now, machine.nextAt()]).toEqual(['0', 0, 1_000_000]);
    runToEnd(machine);
    expect([out.chunks.join(''), world.now, proc?.status]).toEqual(['012', 3_000_000, 7]);
  });

  it('waits for children and for conditions', () => {
    let open = false;
    const { machine, host, sink } = machineWith({
      *child() {
        yield* sleep(10);
        open = true;
        return 3;
      },
      *parent(proc) {
        const status = yield* runChild(proc, { argv: ['child'] });
        yield* print(`${status} ${yield* waitFor(() => open)} ${yield* waitFor(() => false, proc.world.now + 5)}`);
        return 0;
      },
    });
    const out = sink();
    machine.spawn({ host, argv: ['parent'], fds: new Map([[1, out]]) });
    runToEnd(machine);
    expect(out.chunks.join('')).toBe('3 true false');
    expect(host.processes.size).toBe(0);
  });

  it('stops at its bound and goes on from there', () => {
    const { machine, host } = machineWith({
      *spin() {
        for (;;) yield* sleep(0);
      },
    });
    const proc = machine.spawn({ host, argv: ['spin'] });
    expect(machine.pump(1000)).toBe(false);
    expect(machine.pump(1000)).toBe(false);
    if (proc) machine.kill(proc, 137);
    expect(machine.pump()).toBe(true);
    expect(machine.procs.size).toBe(0);
  });

  it('sends ^C to the foreground group only', () => {
    const { machine, host } = machineWith({
      *idle() {
        yield* waitFor(() => false);
        return 0;
      },
    });
    const tty = createTty(1);
    const spawn = (pgid: number) => machine.spawn({ host, argv: ['idle'], tty, pgid });
    const [front, back] = [spawn(1), spawn(2)];
    tty.pgid = 1;
    machine.pump();
    machine.interrupt(tty);
    expect([front?.status, back?.status]).toEqual([130, null]);
  });
});

describe('timers', () => {
  it('fire in order of time, then of setting', () => {
    const { machine, world } = machineWith({});
    const fired: string[] = [];
    onTimer<string>('test', (_, data) => fired.push(data));
    setTimer(world, 20, 'test', 'c');
    setTimer(world, 10, 'test', 'a');
    const gone = setTimer(world, 10, 'test', 'x');
    setTimer(world, 10, 'test', 'b');
    cancelTimer(world, gone);
    runToEnd(machine);
    expect(fired).toEqual(['a', 'b', 'c']);
  });
});

describe('determinism', () => {
  it('gives the same numbers for the same seed', () => {
    const draw = (seed: number) => {
      const state = seedRng(seed);
      return Array.from({ length: 5 }, () => nextBelow(state, 1000));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('hashes values, not their history', () => {
    expect(hashValue({ a: 1, b: [2n, 'x'] })).toBe(hashValue({ b: [2n, 'x'], a: 1 }));
    expect(
      hashValue(
        new Map([
          [1, 'a'],
          [2, 'b'],
        ]),
      ),
    ).not.toBe(
      hashValue(
        new Map([
          [2, 'b'],
          [1, 'a'],
        ]),
      ),
    );
    expect(hashValue({ a: 1 })).not.toBe(hashValue({ a: '1' }));
    expect(hashValue([1, [2]])).not.toBe(hashValue([[1], 2]));
  });
});
