/** Laws of sessions: the same lines make the same world, and undo is a replay of what came before. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Session } from '../../session.ts';
import { line } from '../fuzz-grammar.ts';
import '../../commands/load.ts';

const RUNS = Number(process.env.FLATNET_LAWS ?? 15);
/** Fixed, so that the same worlds are tried everywhere; FLATNET_LAWS_SEED tries others. */
const SEED = Number(process.env.FLATNET_LAWS_SEED ?? 20261124);
const BOUNDS = { time: 20_000_000, steps: 4000 };

const networking = fc.constantFrom(
  'ip netns add x; ip link add v0 type veth peer name v1 netns x; ip addr add 10.9.0.1/24 dev v0; ip link set v0 up',
  'ip -n x addr add 10.9.0.2/24 dev v1; ip -n x link set v1 up',
  'ping -c2 -i0.2 -W1 10.9.0.2',
  'iptables -t nat -A POSTROUTING -o v0 -j MASQUERADE --random',
  'iptables -A INPUT -m statistic --mode random --probability 0.5 -j DROP',
  'nft add table t; nft add chain t c { type filter hook input priority 0\\; }; nft add rule t c counter',
  'ipset create s hash:ip timeout 5; ipset add s 10.0.0.1',
  'conntrack -L',
  'echo $RANDOM $(date +%s) > /tmp/r',
  'sleep 3',
  'tcpdump -c1 -n -i v0 & sleep 1',
  'ip link del v0',
);
const typed = fc.array(fc.oneof(networking, networking, line), { minLength: 1, maxLength: 6 });

/** A session in which these lines were typed, each when the one before was done or had had its time. */
function play(lines: readonly string[]): Session {
  const session = Session.open('bare', 7);
  const term = session.openTerminal('node') as number;
  for (const text of lines) {
    session.type(term, text);
    if (session.settle(BOUNDS.time, BOUNDS.steps)) continue;
    session.interrupt(term);
    session.settle(BOUNDS.time, BOUNDS.steps);
  }
  return session;
}

test('a replay of the transcript is the same world', () => {
  void fc.assert(
    fc.property(typed, (lines) => {
      const session = play(lines);
      const { transcript } = session;
      // A replay ends with the last step: what ran after it has to be run again.
      const again = Session.replay('bare', 7, transcript);
      again.settle(BOUNDS.time, BOUNDS.steps);
      expect(Session.replay('bare', 7, transcript).hash()).toBe(Session.replay('bare', 7, transcript).hash());
      expect(again.machine.world.now).toBe(session.machine.world.now);
      expect(again.hash()).toBe(session.hash());
    }),
    { numRuns: RUNS, seed: SEED },
  );
});

test('undo is the replay of the prefix', () => {
  void fc.assert(
    fc.property(typed, (lines) => {
      const session = play(lines);
      const last = session.transcript.steps.findLastIndex((step) => 'line' in step);
      const prefix = { ...session.transcript, steps: session.transcript.steps.slice(0, last) };
      expect(session.undo()?.hash()).toBe(Session.replay('bare', 7, prefix).hash());
      // The undone session is not touched by what is typed into the new one.
      const before = session.hash();
      const undone = session.undo() as Session;
      undone.type(1, 'ip link add other type bridge; touch /tmp/other');
      undone.settle(BOUNDS.time, BOUNDS.steps);
      expect(session.hash()).toBe(before);
    }),
    { numRuns: RUNS, seed: SEED },
  );
});
