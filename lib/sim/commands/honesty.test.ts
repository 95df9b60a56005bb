/** The page of supported commands tells the truth: what it calls not modelled answers so, and exits 64. */
import { expect, test } from 'vitest';
import { runStep } from '../run-steps.ts';
import { buildScene } from '../scene/build.ts';
import { allCommands } from './registry.gen.ts';

/** Ways to use an option: alone, with a value, with operands. */
const FORMS = [
  '',
  ' 1',
  ' 1 /etc/hosts',
  ' /etc/hosts',
  ' /etc/hosts /tmp/copy',
  '=1',
  '=1 /etc/hosts',
  ' 1 node',
  ' n .',
  ' tsonly 127.0.0.1',
  ' vxlan',
  ' connect -x 127.0.0.1:1 127.0.0.1 80',
  ' all list ruleset',
];
/** What these programs want before they look at options: their module, a command, a scene that has them. */
const BEFORE: Record<string, { scene?: string; setup?: string; words: string[] }> = {
  'kube-proxy': { scene: 'kube-proxy-iptables', words: [''] },
  ipvsadm: {
    setup: 'modprobe ip_vs; ipvsadm -A -t 10.0.0.1:80',
    words: ['', '-A -t 10.0.0.2:80 ', '-a -t 10.0.0.1:80 -r 10.0.0.3 ', '-A '],
  },
  cut: { words: ['-f1 '] },
  conntrack: { words: ['', '-D '] },
};

const BOUNDS = { maxTime: 5_000_000, maxSteps: 5000, maxOutput: 10_000 };

// `ip vrf exec` fails as the real one does where no cgroup2 file system is mounted, and so on every host of ours.
const claims = allCommands.flatMap((command) => {
  const flags = command.options.filter((option) => !option.modelled).map((option) => option.flag);
  const phrases = (command.notModelled ?? []).filter(
    (text) => /^-\S+$/.test(text) || (text.startsWith(`${command.name} `) && !/…|^ip vrf exec/.test(text)),
  );
  return [...flags, ...phrases.map((text) => text.replace(`${command.name} `, ''))].map((what) => ({
    name: command.name,
    what,
  }));
});

test.each(claims)('$name $what', ({ name, what }) => {
  const { scene = 'bare', setup, words = [''] } = BEFORE[name] ?? {};
  const answers = words
    .flatMap((before) => FORMS.map((form) => `${name} ${before}${what}${form}`))
    .map((cmd) => {
      const machine = buildScene(scene, 1);
      if (setup) runStep(machine, { cmd: setup });
      const { exit, stderr, stdout } = runStep(machine, { cmd }, BOUNDS);
      return { cmd, exit, says: (stderr || stdout).split('\n')[0] };
    });
  const honest = answers.some(({ exit, says }) => exit === 64 && says?.startsWith('flatnet: not modelled: '));
  expect(honest, JSON.stringify(answers)).toBe(true);
});
