/** iptables 1.8.9 and its family: the rules of netfilter's tables. */
import type { Proc, Program } from '../../kernel/process.ts';
import '../../linux/netfilter/match/rare.ts';
import '../../linux/netfilter/target/rare.ts';
import { MATCHES, MATCHES_NOT_MODELLED } from '../../linux/netfilter/match/registry.ts';
import { builtinChains, findTable, TABLE_NAMES } from '../../linux/netfilter/tables.ts';
import { TARGETS, TARGETS_NOT_MODELLED } from '../../linux/netfilter/target/registry.ts';
import { type CompletionRequest, defineCommand, type OptionDoc } from '../contract.ts';
import { notModelled } from '../io.ts';
import { runMain } from './main.ts';
import { runRestoreProgram } from './restore.ts';
import { runSave } from './save.ts';
import { runRestoreTranslate, runTranslate } from './translate/index.ts';
import { variantOf } from './variant.ts';

function* run(proc: Proc): Program {
  const name = (proc.argv[0] ?? '').split('/').pop() ?? '';
  if (name.endsWith('-translate')) {
    const family = name.startsWith('ip6') ? 'ip6' : 'ip';
    return yield* name.includes('-restore') ? runRestoreTranslate(proc, family) : runTranslate(proc, family);
  }
  if (name === 'xtables-monitor') return yield* notModelled(name);
  const { role } = variantOf(proc);
  if (role === 'save') return yield* runSave(proc);
  if (role === 'restore') return yield* runRestoreProgram(proc);
  return yield* runMain(proc);
}

const yes = (flag: string, value?: string): OptionDoc =>
  value === undefined ? { flag, modelled: true } : { flag, value, modelled: true };

const options: OptionDoc[] = [
  yes('-A', 'CHAIN'),
  yes('-I', 'CHAIN [NUM]'),
  yes('-D', 'CHAIN'),
  yes('-R', 'CHAIN NUM'),
  yes('-C', 'CHAIN'),
  yes('-L', '[CHAIN [NUM]]'),
  yes('-S', '[CHAIN [NUM]]'),
  yes('-F', '[CHAIN]'),
  yes('-Z', '[CHAIN [NUM]]'),
  yes('-N', 'CHAIN'),
  yes('-X', '[CHAIN]'),
  yes('-P', 'CHAIN TARGET'),
  yes('-E', 'OLD NEW'),
  yes('-t', 'TABLE'),
  yes('-n'),
  yes('-v'),
  yes('-x'),
  yes('--line-numbers'),
  yes('-w', 'SECONDS'),
  yes('-c', 'PKTS BYTES'),
  yes('-s', 'ADDR'),
  yes('-d', 'ADDR'),
  yes('-i', 'DEV'),
  yes('-o', 'DEV'),
  yes('-p', 'PROTO'),
  yes('-m', 'MATCH'),
  yes('-j', 'TARGET'),
  yes('-g', 'CHAIN'),
  yes('-f'),
  yes('-V'),
  yes('-h'),
];

/** Tables, chains, matches and targets, after the options that take them. */
function complete({ proc, words }: CompletionRequest): string[] {
  const before = words[words.length - 1] ?? '';
  const at = words.indexOf('-t');
  const table = at >= 0 ? (words[at + 1] ?? 'filter') : 'filter';
  const { family, owner } = variantOf({ ...proc, argv: words } as Proc);
  const user = [...(findTable(proc.netns, family, table, owner)?.chains.values() ?? [])]
    .filter((c) => !c.hook)
    .map((c) => c.name);
  if (before === '-t') return [...TABLE_NAMES];
  if (before === '-m') return [...MATCHES.keys()];
  if (before === '-j') return [...TARGETS.keys(), ...user];
  if (/^-(A|I|D|R|C|L|S|F|Z|X|P|E|g)$/.test(before) || /^-[nvx]*L$/.test(before))
    return [...builtinChains(table), ...user];
  return [];
}

const NAMES = [
  'ip6tables',
  'iptables-translate',
  'xtables-monitor',
  'ip6tables-translate',
  'iptables-restore-translate',
  'ip6tables-restore-translate',
  ...['iptables', 'ip6tables'].flatMap((b) =>
    ['-save', '-restore', '-nft', '-nft-save', '-nft-restore', '-legacy', '-legacy-save', '-legacy-restore'].map(
      (s) => b + s,
    ),
  ),
];

export const command = defineCommand({
  name: 'iptables',
  aliases: NAMES,
  dir: '/usr/sbin',
  summary: 'packet filter and NAT rules',
  images: ['node', 'netshoot'],
  options,
  notModelled: [
    'xtables-monitor',
    '-vv',
    '-m hashlimit --hashlimit-rate-match',
    ...[...MATCHES_NOT_MODELLED].map((m) => `-m ${m}`),
    ...[...TARGETS_NOT_MODELLED].map((t) => `-j ${t}`),
  ],
  run,
  complete,
});
