/** nft 1.0.6: shows and removes what iptables-nft made. Its own rules, sets and maps are not modelled. */
import type { Proc, Program } from '../../kernel/process.ts';
import { syncRules } from '../../linux/netfilter/sync.ts';
import { references, touch } from '../../linux/netfilter/tables.ts';
import type { NfTable } from '../../linux/netfilter/types.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr } from '../io.ts';
import { type ListOptions, listTables, warnings } from './list.ts';

const FAMILIES = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

interface Request {
  options: ListOptions;
  words: string[];
}

/** Splits options and words. Null when an option is not modelled. */
function readWords(argv: readonly string[]): Request | null {
  const options: ListOptions = { handles: false, numeric: false, stateless: false };
  const words: string[] = [];
  for (const word of argv) {
    if (word === '-a' || word === '--handle') options.handles = true;
    else if (word === '-n' || word === '--numeric') options.numeric = true;
    else if (word === '-s' || word === '--stateless') options.stateless = true;
    else if (word === '-nn') options.numeric = true;
    else if (word.startsWith('-') && words.length === 0) return null;
    else words.push(...word.split(/\s+/).filter((w) => w !== ''));
  }
  return { options, words };
}

const tablesOf = (proc: Proc, family: string | null): NfTable[] =>
  [...proc.netns.nf.tables.values()].filter((t) => t.owner === 'nft' && (family === null || t.family === family));

/** The error lines of nft: the command again, and marks under the word at fault. */
function pointer(words: readonly string[], at: number): string {
  const before = words.slice(0, at).join(' ').length + (at > 0 ? 1 : 0);
  return `${words.join(' ')}\n${' '.repeat(before)}${'^'.repeat((words[at] ?? ' ').length)}\n`;
}

/** `[FAMILY] TABLE [CHAIN]` from word 2 on: the table and chain named, and where their words stand. */
function target(words: readonly string[]): { family: string; table: string; chain: string; tableAt: number } {
  const named = FAMILIES.includes(words[2] ?? '');
  const tableAt = named ? 3 : 2;
  return {
    family: named ? (words[2] as string) : 'ip',
    table: words[tableAt] ?? '',
    chain: words[tableAt + 1] ?? '',
    tableAt,
  };
}

function* run(proc: Proc): Program {
  const argv = proc.argv.slice(1);
  if (argv[0] === '-v' || argv[0] === '--version') {
    yield* print('nftables v1.0.6 (Lester Gooch #5)\n');
    return 0;
  }
  if (argv.length === 0) {
    yield* printErr('nft: no command specified\n');
    return 1;
  }
  const request = readWords(argv);
  const [verb, what] = request?.words ?? [];
  if (!request) return yield* notModelled(`nft ${argv.join(' ')}`);
  if (verb === 'list') return yield* list(proc, request);
  if (verb === 'flush' && what === 'ruleset') {
    const family = request.words[2] ?? null;
    for (const [key, table] of proc.netns.nf.tables) {
      if (table.owner === 'nft' && (family === null || table.family === family)) proc.netns.nf.tables.delete(key);
    }
    touch(proc.netns);
    syncRules(proc.netns);
    return 0;
  }
  if ((verb === 'flush' || verb === 'delete') && (what === 'table' || what === 'chain') && request.words.length >= 3)
    return yield* remove(proc, request);
  return yield* notModelled(`nft ${argv.join(' ')}`);
}

function* list(proc: Proc, { options, words }: Request): Program {
  const what = words[1];
  const whole = (tables: NfTable[]) => tables.map((table) => ({ table, chains: [...table.chains.values()] }));
  if (what === 'tables' && words.length <= 3) {
    yield* print(
      tablesOf(proc, words[2] ?? null)
        .map((t) => `table ${t.family} ${t.name}\n`)
        .join(''),
    );
    return 0;
  }
  if ((what === 'ruleset' || what === 'chains') && words.length <= 3) {
    const { text, warned } = listTables(whole(tablesOf(proc, words[2] ?? null)), options, what === 'chains');
    yield* print(text);
    yield* printErr(warnings(warned));
    return 0;
  }
  if (what === 'sets' || what === 'maps') {
    yield* print(
      tablesOf(proc, words[2] ?? null)
        .map((t) => `table ${t.family} ${t.name} {\n}\n`)
        .join(''),
    );
    return 0;
  }
  if ((what !== 'table' && what !== 'chain') || words.length < 3) return yield* notModelled(`nft ${words.join(' ')}`);
  const { family, table: name, chain, tableAt } = target(words);
  const table = tablesOf(proc, family).find((t) => t.name === name);
  const missing = !table ? tableAt : what === 'chain' && !table.chains.has(chain) ? tableAt + 1 : -1;
  if (!table || missing >= 0) {
    yield* printErr(`Error: No such file or directory\n${pointer(words, missing)}`);
    return 1;
  }
  const chains = [...table.chains.values()].filter((c) => what === 'table' || c.name === chain);
  const { text, warned } = listTables([{ table, chains }], options);
  yield* print(text);
  yield* printErr(warnings(warned));
  return 0;
}

function* remove(proc: Proc, { words }: Request): Program {
  const { family, table: name, chain: chainName, tableAt } = target(words);
  const ns = proc.netns;
  const table = tablesOf(proc, family).find((t) => t.name === name);
  const chain = table?.chains.get(chainName);
  const onTable = words[1] === 'table';
  const at = !table ? tableAt : tableAt + 1;
  if (!table || (!onTable && !chain)) {
    yield* printErr(
      `Error: Could not process rule: No such file or directory\n${pointer(words, onTable ? tableAt : at)}`,
    );
    return 1;
  }
  if (onTable && words[0] === 'delete') {
    for (const [key, t] of ns.nf.tables) if (t === table) ns.nf.tables.delete(key);
  } else if (onTable) for (const c of table.chains.values()) c.rules = [];
  else if (chain && words[0] === 'flush') chain.rules = [];
  else if (chain) {
    if (chain.rules.length > 0 || references(table, chain.name) > 0) {
      yield* printErr(`Error: Could not process rule: Device or resource busy\n${pointer(words, tableAt + 1)}`);
      return 1;
    }
    table.chains.delete(chain.name);
  }
  touch(ns);
  syncRules(ns);
  return 0;
}

export const command = defineCommand({
  name: 'nft',
  dir: '/usr/sbin',
  summary: 'nftables rule sets',
  images: ['node'],
  options: ['-a', '-n', '-s', '-v'].map((flag) => ({ flag, modelled: true })),
  notModelled: [
    'add',
    'insert',
    'replace',
    'create',
    'delete rule',
    'reset',
    'rename',
    'monitor',
    'describe',
    '-f',
    '-j',
    '-c',
    '-i',
  ],
  run,
});
