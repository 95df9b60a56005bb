import { expect, test } from 'vitest';
import type { FileDesc } from '../../kernel/process.ts';
import { createTty } from '../../kernel/tty.ts';
import { cable, exec, namespace, testbed } from '../../linux/stack/testbed.ts';
import { command as ping } from './index.ts';

function pair() {
  const bed = testbed([ping]);
  const a = namespace(bed, 'a');
  const b = namespace(bed, 'b');
  cable(bed, a, 'eth0', '10.0.1.1/24', b, 'eth0', '10.0.1.2/24');
  return { bed, a };
}

test('^C prints the statistics', () => {
  const { bed, a } = pair();
  const tty = createTty(1);
  const file: FileDesc = { kind: 'tty', tty };
  const proc = bed.machine.spawn({
    host: bed.host,
    netns: a,
    argv: ['ping', '10.0.1.2'],
    tty,
    fds: new Map([
      [0, file],
      [1, file],
      [2, file],
    ]),
  });
  if (!proc) throw new Error('no process');
  tty.pgid = proc.pgid;
  for (let at: number | null = 0; at !== null && at < 2_500_000; at = bed.machine.nextAt()) {
    bed.machine.advance(at);
    bed.machine.pump();
  }
  bed.machine.interrupt(tty);
  bed.machine.pump();
  expect(proc.status).toBe(0);
  const lines = tty.out.split('\n');
  expect(lines.slice(1, 4).map((l) => l.replace(/time=.*/, ''))).toEqual([
    '64 bytes from 10.0.1.2: icmp_seq=1 ttl=64 ',
    '64 bytes from 10.0.1.2: icmp_seq=2 ttl=64 ',
    '64 bytes from 10.0.1.2: icmp_seq=3 ttl=64 ',
  ]);
  expect(lines.slice(4, 7)).toEqual([
    '',
    '--- 10.0.1.2 ping statistics ---',
    '3 packets transmitted, 3 received, 0% packet loss, time 2000ms',
  ]);
});

test('several lost at once make a pipe', () => {
  const { bed, a } = pair();
  expect(exec(bed, a, ['ping', '-c3', '10.0.1.77'])).toEqual({
    exit: 1,
    err: '',
    out: `PING 10.0.1.77 (10.0.1.77) 56(84) bytes of data.
From 10.0.1.1 icmp_seq=1 Destination Host Unreachable
From 10.0.1.1 icmp_seq=2 Destination Host Unreachable
From 10.0.1.1 icmp_seq=3 Destination Host Unreachable

--- 10.0.1.77 ping statistics ---
3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2000ms
pipe 3
`,
  });
});

test('wrong usage answers in its words', () => {
  const { bed, a } = pair();
  const said = (...args: string[]) => {
    const { err, exit } = exec(bed, a, ['ping', ...args]);
    return [err.split('\n')[0], exit];
  };
  expect(said()).toEqual(['ping: usage error: Destination address required', 1]);
  expect(said('-c', 'x', '1.1.1.1')).toEqual(["ping: invalid argument: 'x'", 1]);
  expect(said('-Z', '10.0.1.2')).toEqual(["ping: invalid option -- 'Z'", 2]);
  expect(said('-T', 'tsonly', '10.0.1.2')).toEqual(['flatnet: not modelled: ping -T', 64]);
});
