import { expect, test } from 'vitest';
import type { Command } from '../../commands/contract.ts';
import { print, sleep } from '../../commands/io.ts';
import { command as nc } from '../../commands/nc/index.ts';
import type { FileDesc, Program } from '../../kernel/process.ts';
import { setNeighbour } from '../neigh/ops.ts';
import type { Bed } from '../stack/testbed.ts';
import { cable, exec, link, namespace, testbed } from '../stack/testbed.ts';
import { setSysctl } from '../sysctl/sysctl.ts';
import type { Capture, NetNs } from '../types.ts';

/** A producer of more than one segment. */
const many: Command = {
  name: 'many',
  dir: '/usr/bin',
  summary: '',
  images: [],
  options: [],
  *run(): Program {
    for (let i = 0; i < 40; i++) {
      yield* print('0123456789'.repeat(100));
      yield* sleep(10);
    }
    return 0;
  },
};

function pair() {
  const bed = testbed([nc, many]);
  const a = namespace(bed, 'a');
  const b = namespace(bed, 'b');
  cable(bed, a, 'eth0', '10.0.1.1/24', b, 'eth0', '10.0.1.2/24');
  return { bed, a, b };
}

/** Starts a program that goes on running, with fixed input. */
function start(bed: Bed, ns: NetNs, argv: string[], stdin = '') {
  const out: FileDesc & { kind: 'sink' } = { kind: 'sink', chunks: [] };
  const err: FileDesc & { kind: 'sink' } = { kind: 'sink', chunks: [] };
  const fds = new Map<number, FileDesc>([
    [0, { kind: 'source', text: stdin }],
    [1, out],
    [2, err],
  ]);
  const proc = bed.machine.spawn({ host: bed.host, netns: ns, argv, env: new Map(), tty: null, fds });
  if (!proc) throw new Error('no process');
  bed.machine.pump();
  return { proc, out: () => out.chunks.join(''), err: () => err.chunks.join('') };
}

test('a closed port refuses', () => {
  const { bed, a } = pair();
  expect(exec(bed, a, ['nc', '-zv', '-w1', '10.0.1.2', '80-81'])).toEqual({
    exit: 1,
    out: '',
    err: 'nc: connect to 10.0.1.2 port 80 (tcp) failed: Connection refused\nnc: connect to 10.0.1.2 port 81 (tcp) failed: Connection refused\n',
  });
});

test('bytes go both ways, and both ends close', () => {
  const { bed, a, b } = pair();
  const server = start(bed, b, ['nc', '-lv', '7000'], 'to the client\n');
  const client = exec(bed, a, ['nc', '-N', '-w2', '-p', '40001', '10.0.1.2', '7000'], 'grüße\n');
  expect(client).toEqual({ exit: 0, out: 'to the client\n', err: '' });
  expect(server.out()).toBe('grüße\n');
  expect(server.err()).toBe('Listening on 0.0.0.0 7000\nConnection received on 10.0.1.1 40001\n');
  expect(server.proc.status).toBe(0);
});

test('a missing host times out, then is unreachable', () => {
  const { bed, a } = pair();
  expect(exec(bed, a, ['nc', '-zv', '-w1', '10.0.1.99', '80']).err).toBe(
    'nc: connect to 10.0.1.99 port 80 (tcp) timed out: Operation now in progress\n',
  );
  expect(exec(bed, a, ['nc', '-zv', '-w4', '10.0.1.99', '80']).err).toBe(
    'nc: connect to 10.0.1.99 port 80 (tcp) failed: No route to host\n',
  );
});

test('SYNs are sent again as tcp_syn_linear_timeouts and tcp_syn_retries say', () => {
  const { bed, a, b } = pair();
  setSysctl(bed.world, bed.host, a, 'net.ipv4.tcp_syn_retries', '2');
  // The answers have no way back: a's frames arrive, b's do not.
  setNeighbour(
    bed.world,
    b,
    link(b, 'eth0').ifindex,
    0x0a000101,
    { mac: 0x020000000099, state: 'PERMANENT' },
    'replace',
  );
  const capture: Capture = { id: 1, dev: link(b, 'eth0').ifindex, frames: [] };
  b.captures.set(1, capture);
  start(bed, b, ['nc', '-l', '80']);
  const { err } = exec(bed, a, ['nc', '-zv', '10.0.1.2', '80']);
  expect(err).toBe('nc: connect to 10.0.1.2 port 80 (tcp) failed: Connection timed out\n');
  const syns = capture.frames.filter((f) => f.dir === 'in' && f.packet.tcp?.syn);
  const first = syns[0]?.at ?? 0;
  expect(syns.map((f) => Math.round((f.at - first) / 1e6))).toEqual([0, 1, 2, 3, 4, 5, 7]);
});

test('data in many segments arrives whole, whatever the MTU', () => {
  const { bed, a, b } = pair();
  const server = start(bed, b, ['nc', '-l', '7000']);
  const pipe = { buffer: '', readers: 0, writers: 0 };
  bed.machine.spawn({
    host: bed.host,
    netns: a,
    argv: ['many'],
    fds: new Map<number, FileDesc>([[1, { kind: 'pipe', pipe, end: 'write' }]]),
  });
  const client = bed.machine.spawn({
    host: bed.host,
    netns: a,
    argv: ['nc', '-N', '10.0.1.2', '7000'],
    fds: new Map<number, FileDesc>([[0, { kind: 'pipe', pipe, end: 'read' }]]),
  });
  for (let i = 0; i < 20_000 && (server.proc.status === null || client?.status === null); i++) {
    bed.machine.pump();
    const at = bed.machine.nextAt();
    if (at === null) break;
    bed.machine.advance(at);
  }
  expect(server.out().length).toBe(40_000);
  expect(server.out()).toBe('0123456789'.repeat(4000));
  expect([client?.status, server.proc.status]).toEqual([0, 0]);
});

test('UDP: a scan of a closed port hears "port unreachable"', () => {
  const { bed, a } = pair();
  expect(exec(bed, a, ['nc', '-zuv', '-w1', '10.0.1.2', '53'])).toEqual({ exit: 1, out: '', err: '' });
});
