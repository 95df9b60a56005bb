/** Grading by replay: what a submission costs. */
import { gradeTranscript, typeScript } from '#grade/grade.ts';
import { Session } from '#sim/index.ts';
import { type Context, rounds } from './context.ts';
import { cpuMs } from './model.ts';
import { rowOf } from './stats.ts';

/** What a learner types while looking for a fault on one machine: looking, changing, trying. */
const LINES = [
  'ip -br addr',
  'ip route',
  'ip netns exec red ip addr show dev eth0',
  'bridge link',
  'ip neigh',
  'ping -c 1 10.22.0.2',
  'ip link add v1 type veth peer name eth0 netns blue',
  'ip link set v1 master br0 up',
  'ip -n blue link set eth0 up',
  'ip -n blue addr add 10.22.0.3/24 dev eth0',
  'ip -n blue route add default via 10.22.0.1',
  'ip netns exec blue ping -c 1 10.22.0.2',
  'iptables -A FORWARD -s 10.22.0.3 -j ACCEPT',
  'iptables-save',
  'cat /proc/sys/net/ipv4/ip_forward',
  'ip -n blue route get 10.22.0.2',
  'for i in 1 2 3; do echo $i; done | grep 2',
  'iptables -D FORWARD -s 10.22.0.3 -j ACCEPT',
  'ip -s link show br0',
  'ip link del v1',
];

/** A server grades all day: what counts is the engine when V8 has translated all of it, which takes as many rounds. */
const WARM = 100;
const ROUNDS = 100;

export async function replayBench(c: Context): Promise<void> {
  for (const count of [40, 200]) {
    const names = [`replay-${count}`, `grade-${count}`];
    if (!names.some((n) => c.wants(n))) continue;
    c.say(`replay of ${count} lines`);
    const { exercise } = c;
    const lines = Array.from({ length: count }, (_, i) => ({ cmd: LINES[i % LINES.length] as string }));
    const transcript = typeScript(exercise, 1, lines);
    const replay: number[] = [];
    const grade: number[] = [];
    await rounds(WARM + ROUNDS, 20_000, (i) => {
      const start = cpuMs();
      Session.replay(exercise.scene.base, 1, transcript, { steps: exercise.scene.setup });
      const middle = cpuMs();
      const verdict = gradeTranscript(exercise, transcript, 1);
      const end = cpuMs();
      if (verdict.status !== 'graded') throw new Error(`not graded: ${verdict.reason}`);
      if (i < WARM) return;
      replay.push(middle - start);
      grade.push(end - middle);
    });
    const row = (name: string, what: string, goal: number | null, values: number[]) => {
      if (c.wants(name)) c.add(rowOf({ name, what: `${what} ${count} lines, CPU time`, unit: 'ms', goal }, values));
    };
    row(`replay-${count}`, 'replay of', null, replay);
    row(`grade-${count}`, 'replay and judge', count === 200 ? 5 : null, grade);
  }
}
