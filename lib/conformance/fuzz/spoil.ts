/** Spoils a command line as a tired human does: a word lost, doubled, misspelt, or out of bounds. */
import type { Random } from './random.ts';

const JUNK = [
  'foo',
  '-1',
  '999999',
  '10.0.0.999',
  '10.0.0.0/33',
  'nosuch',
  '--bogus',
  '0x',
  'eth99',
  '""',
  '2001:db8::1',
  '-Z',
  '1.5',
  'dev',
  'via',
  'lo',
];

/** Programs whose spoilt forms end at once and touch nothing outside their namespace. */
const SAFE =
  /^(?:ip netns exec \S+ )?(?:ip(?: -\S+)* -n \S+|iptables|ip6tables|iptables-save|nft|ipset|bridge|conntrack) /;

export function spoil(random: Random, cmd: string): string {
  const head = SAFE.exec(cmd)?.[0];
  if (!head || /[|;<>&'"]/.test(cmd)) return cmd;
  const rest = cmd.slice(head.length).split(' ');
  const at = random.int(0, rest.length - 1);
  const word = rest[at] as string;
  random.weighted<() => void>([
    [3, () => rest.splice(at, 1)],
    [1, () => rest.splice(at, 0, word)],
    [3, () => rest.splice(at, 1, random.pick(JUNK))],
    [2, () => rest.splice(at, 1, misspell(random, word))],
    [1, () => rest.push(random.pick(JUNK))],
    [1, () => rest.splice(at, rest.length - at)],
  ])();
  return (head + rest.join(' ')).trimEnd();
}

function misspell(random: Random, word: string): string {
  const at = random.int(0, Math.max(0, word.length - 1));
  return random.weighted<() => string>([
    [2, () => word.slice(0, at) + word.slice(at + 1)],
    [1, () => word.slice(0, at) + (word[at] ?? '') + word.slice(at)],
    [1, () => word.slice(0, Math.max(1, at))],
    [1, () => word.toUpperCase()],
  ])();
}
