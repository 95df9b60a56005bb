import { expect, test } from 'vitest';
import type { FileDesc, Program } from '../../kernel/process.ts';
import { cable, exec, namespace, testbed } from '../../linux/stack/testbed.ts';
import type { Command } from '../contract.ts';
import { print } from '../io.ts';
import { command as nc } from '../nc/index.ts';
import { command as ncat } from './index.ts';

/** Stands in for the shell: says who called. */
const sh: Command = {
  name: 'sh',
  dir: '/bin',
  summary: '',
  images: [],
  options: [],
  *run(proc): Program {
    yield* print(`${proc.argv[2]} for ${proc.env.get('NCAT_REMOTE_ADDR')}\n`);
    return 0;
  },
};

function server() {
  const bed = testbed([nc, ncat, sh]);
  const a = namespace(bed, 'a');
  const b = namespace(bed, 'b');
  cable(bed, a, 'eth0', '10.0.1.1/24', b, 'eth0', '10.0.1.2/24');
  const fds = new Map<number, FileDesc>([
    [0, { kind: 'null' }],
    [1, { kind: 'null' }],
    [2, { kind: 'null' }],
  ]);
  bed.machine.spawn({
    host: bed.host,
    netns: b,
    argv: ['ncat', '-lk', '-p', '80', '--sh-exec', 'hello'],
    env: new Map(),
    fds,
  });
  bed.machine.pump();
  return { bed, a, b };
}

test('each connection gets its program', () => {
  const { bed, a } = server();
  for (let i = 0; i < 2; i++)
    expect(exec(bed, a, ['nc', '-w2', '10.0.1.2', '80'])).toEqual({ exit: 0, out: 'hello for 10.0.1.1\n', err: '' });
});

test('a client that half-closes at once is gone before the program writes', () => {
  const { bed, a } = server();
  expect(exec(bed, a, ['ncat', '10.0.1.2', '80'])).toEqual({ exit: 0, out: '', err: '' });
});

test('both families are bound, and a taken port says so', () => {
  const { bed, b } = server();
  const listeners = [...b.sockets.values()]
    .filter((s) => s.tcp?.state === 'LISTEN')
    .map((s) => [s.family, s.local.port]);
  expect(listeners).toEqual([
    [6, 80],
    [4, 80],
  ]);
  expect(exec(bed, b, ['ncat', '-l', '-p', '80']).err).toBe('Ncat: bind to :::80: Address already in use. QUITTING.\n');
  expect(exec(bed, b, ['nc', '-l', '80'])).toEqual({ exit: 1, out: '', err: 'nc: Address already in use\n' });
});
