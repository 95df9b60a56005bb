/** nft 1.0.6: the rule sets of nf_tables, shared with iptables-nft. */
import type { Proc, Program } from '../../kernel/process.ts';
import type { NftSet } from '../../linux/netfilter/nft/types.ts';
import { tableKey } from '../../linux/netfilter/tables.ts';
import type { NfTable } from '../../linux/netfilter/types.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr, readAll } from '../io.ts';
import { sameKey, Transaction } from './apply.ts';
import { type Command, parseCommands, readElements } from './grammar.ts';
import { setJson } from './json.ts';
import { tokenize } from './lexer.ts';
import { type ListOptions, listTables, showOptions, warnings } from './list.ts';
import { Cursor, NftError, Unmodelled } from './parser.ts';
import { setText } from './show.ts';

interface Request {
  options: ListOptions;
  json: boolean;
  check: boolean;
  file: string | null;
  words: string[];
}

/** Splits options and words; what is left over makes the command line. Null when an option is not modelled. */
function readWords(proc: Proc): Request | null {
  const options: ListOptions = {
    handles: false,
    numeric: false,
    stateless: false,
    ns: proc.netns,
    now: proc.world.now,
  };
  const request: Request = { options, json: false, check: false, file: null, words: [] };
  const argv = proc.argv.slice(1);
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (!word.startsWith('-') || request.words.length > 0) request.words.push(word);
    else if (word === '-a' || word === '--handle') options.handles = true;
    else if (word === '-s' || word === '--stateless') options.stateless = true;
    else if (word === '-n' || word === '--numeric' || word === '-nn') options.numeric = true;
    else if (word === '-j' || word === '--json') request.json = true;
    else if (word === '-c' || word === '--check') request.check = true;
    else if ((word === '-f' || word === '--file') && argv[i + 1] !== undefined) request.file = argv[++i] as string;
    else return null;
  }
  return request;
}

const tablesOf = (proc: Proc, cmd: Command): NfTable[] =>
  [...proc.netns.nf.tables.values()].filter((t) => t.owner === 'nft' && (!cmd.familyGiven || t.family === cmd.family));

/** An error as nft prints it, with the line and marks under the place. */
function errorText(e: NftError, text: string, file: string | null): string {
  let { start } = e.span;
  const lineOf = (at: number) => text.slice(0, at).split('\n').length;
  const row = lineOf(Math.min(start, text.length));
  let begin = text.lastIndexOf('\n', Math.min(start, text.length) - 1) + 1;
  const column = start - begin + 1;
  const where = file === null ? '' : `${file}:${row}:${column}-${e.span.end - begin}: `;
  if (start >= text.length && file !== null) {
    // At the end of a file the last line is shown.
    begin = text.lastIndexOf('\n', begin - 2) + 1;
    start = begin;
  }
  const stop = text.indexOf('\n', begin);
  const line = text.slice(begin, stop < 0 ? text.length : stop);
  const marks: string[] = [...line.slice(0, start - begin)].map((ch) => (ch === '\t' ? '\t' : ' '));
  if (e.also) for (let i = e.also.start; i < e.also.end; i++) if (i >= begin) marks[i - begin] = '~';
  const length = Math.max(1, Math.min(e.span.end, begin + line.length + 1) - e.span.start);
  return `${where}Error: ${e.message}\n${line}\n${marks.join('')}${'^'.repeat(length)}\n`;
}

function* run(proc: Proc): Program {
  const argv = proc.argv.slice(1);
  if (argv[0] === '-v' || argv[0] === '--version') {
    yield* print('nftables v1.0.6 (Lester Gooch #5)\n');
    return 0;
  }
  const request = readWords(proc);
  if (!request) return yield* notModelled(`nft ${argv.join(' ')}`);
  if (request.words.length === 0 && request.file === null) {
    yield* printErr('nft: no command specified\n');
    return 1;
  }
  let text = request.words.join(' ');
  let file: string | null = null;
  if (request.file !== null) {
    file = request.file === '-' ? '/dev/stdin' : request.file;
    if (request.file === '-') text = yield* readAll();
    else {
      const found = vfsOf(proc).readFile(request.file);
      if (!found.ok) return yield* notModelled(`nft -f: ${request.file} cannot be read`);
      text = found.value;
    }
  } else text += '\n';
  try {
    return yield* execute(proc, request, text, file);
  } catch (e) {
    if (e instanceof Unmodelled) return yield* notModelled(e.message);
    throw e;
  }
}

function* execute(proc: Proc, request: Request, text: string, file: string | null): Program {
  const tokens = tokenize(text);
  if (!tokens) throw new Unmodelled('nft: a character that is not in its grammar');
  const shown = file === null ? text.trimEnd() : text;
  const cursor = new Cursor(tokens, proc.netns);
  const { commands, errors } = parseCommands(cursor);
  if (errors.length > 0) {
    yield* printErr(errors.map((e) => errorText(e, shown, file)).join(''));
    return 1;
  }
  const reads = commands.filter((c) => c.verb === 'list' || c.verb === 'get');
  if (reads.length > 0 && commands.length > 1) throw new Unmodelled('nft: lists among other commands');
  const first = reads[0];
  if (first) {
    try {
      return yield* list(proc, request, first, cursor);
    } catch (e) {
      if (!(e instanceof NftError)) throw e;
      yield* printErr(errorText(e, shown, file));
      return 1;
    }
  }
  if (request.json) throw new Unmodelled('nft -j with changes');
  const error = new Transaction(proc.world, proc.netns, cursor).run(commands, request.check);
  if (!error) return 0;
  yield* printErr(errorText(error, shown, file));
  return 1;
}

function* showTables(request: Request, parts: Parameters<typeof listTables>[0], compact = false): Program {
  if (request.json) throw new Unmodelled('nft -j of this');
  const { text, warned } = listTables(parts, request.options, compact);
  yield* print(text);
  yield* printErr(warnings(warned));
  return 0;
}

function* list(proc: Proc, request: Request, cmd: Command, cursor: Cursor): Program {
  const { options: o } = request;
  const whole = (table: NfTable) => ({
    table,
    chains: [...table.chains.values()],
    sets: [...(table.sets?.values() ?? [])],
  });
  const tables = tablesOf(proc, cmd);
  const missing = (span = cmd.tableSpan) => new NftError('No such file or directory', span);
  if (cmd.object === 'tables' && !request.json) {
    yield* print(tables.map((t) => `table ${t.family} ${t.name}\n`).join(''));
    return 0;
  }
  if (cmd.object === 'ruleset') return yield* showTables(request, tables.map(whole));
  if (cmd.object === 'chains')
    return yield* showTables(
      request,
      tables.map((table) => ({ table, chains: [...table.chains.values()] })),
      true,
    );
  if ((cmd.object === 'sets' || cmd.object === 'maps') && !request.json) {
    const texts = tables.map((t) => {
      const sets = [...(t.sets?.values() ?? [])].filter((s) => (s.data !== null) === (cmd.object === 'maps'));
      return `table ${t.family} ${t.name} {\n${sets.map((s) => setText(s, showOptions(t, o), o.handles)).join('')}}\n`;
    });
    yield* print(texts.join(''));
    return 0;
  }
  const table = proc.netns.nf.tables.get(tableKey(cmd.family, cmd.table));
  if (!table) throw missing();
  if (cmd.object === 'table') return yield* showTables(request, [whole(table)]);
  if (cmd.object === 'chain') {
    const chain = table.chains.get(cmd.name);
    if (!chain) throw missing(cmd.nameSpan);
    return yield* showTables(request, [{ table, chains: [chain] }]);
  }
  const set = table.sets?.get(cmd.name);
  if (!set || (cmd.object === 'map') !== (set.data !== null && cmd.object !== 'element')) throw missing(cmd.nameSpan);
  let elems = set.elems;
  if (cmd.verb === 'get') {
    const wanted = readElements(cursor, cmd, set, true);
    if (set.interval) throw new Unmodelled('nft get element of intervals');
    elems = elems.filter((e) => wanted.some((w) => sameKey(w, e)));
    if (elems.length < wanted.length)
      throw new NftError('Could not process rule: No such file or directory', {
        start: cmd.span.start,
        end: cmd.span.end + 1,
      });
  }
  yield* print(request.json ? setJson(table, set, elems, o) : oneSet(table, set, elems, o));
  return 0;
}

const oneSet = (table: NfTable, set: NftSet, elems: NftSet['elems'], o: ListOptions): string =>
  `table ${table.family} ${table.name} {\n${setText(set, showOptions(table, o), o.handles, true, elems)}}\n`;

export const command = defineCommand({
  name: 'nft',
  dir: '/usr/sbin',
  summary: 'nftables rule sets',
  images: ['node'],
  options: ['-a', '-n', '-nn', '-s', '-v', '-f', '-c', '-j'].map((flag) => ({ flag, modelled: true })),
  notModelled: ['reset', 'rename', 'monitor', 'describe', '-i', '-j of tables and chains'],
  run,
});
