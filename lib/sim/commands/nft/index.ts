/** nft 1.0.6: the rule sets of nf_tables, shared with iptables-nft. */
import type { Io, Proc, Program } from '../../kernel/process.ts';
import { evalRule, nftTracks } from '../../linux/netfilter/nft/eval.ts';
import { provideNftEvaluator } from '../../linux/netfilter/nft/port.ts';
import { vfsOf } from '../../shell/vfs/vfs.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr, readAll } from '../io.ts';
import { accountsOf } from './accounts.ts';
import { runCommands } from './apply.ts';
import type { Surroundings } from './context.ts';
import { Aborted, Cursor, NftError, Unmodelled } from './cursor.ts';
import { describeText } from './describe.ts';
import { echoText } from './echo.ts';
import { errorText, internalText, refusedText } from './errors.ts';
import { HELP, LONG_VERSION, VERSION } from './help.ts';
import { document } from './json.ts';
import { JsonError } from './json-fields.ts';
import { commandsOf } from './json-read.ts';
import { tokenize } from './lexer.ts';
import { Lister } from './list.ts';
import { type NftOptions, parseOptions } from './options.ts';
import { parseCommands } from './parse-command.ts';
import { type ListOptions, warnings } from './print-table.ts';
import { Sources } from './sources.ts';

provideNftEvaluator({ evalRule, nftTracks });

function* run(proc: Proc): Program {
  const o = parseOptions(proc.argv.slice(1));
  if ('error' in o) {
    if (o.marks !== undefined) yield* print(o.marks);
    yield* printErr(o.error);
    return 1;
  }
  if ('unmodelled' in o) return yield* notModelled(o.unmodelled);
  if ('print' in o) {
    yield* print(o.print === 'help' ? HELP : o.print === 'version' ? VERSION : LONG_VERSION);
    return 0;
  }
  if (o.optimize) return yield* notModelled('nft -o');
  if (o.words.length === 0 && o.file === null) {
    yield* printErr('nft: no command specified\n');
    return 1;
  }
  try {
    return yield* execute(proc, o);
  } catch (e) {
    if (e instanceof Unmodelled) return yield* notModelled(e.message);
    if (e instanceof Aborted) {
      yield* printErr(e.message);
      return 134;
    }
    throw e;
  }
}

/** The text to read: the command line, standard input or a file. */
function* input(proc: Proc, o: NftOptions): Io<{ text: string; file: string | null } | string> {
  if (o.file === null) return { text: o.words.join(' '), file: null };
  if (o.file === '-' || o.file === '/dev/stdin') return { text: yield* readAll(), file: '/dev/stdin' };
  const found = vfsOf(proc).readFile(o.file);
  if (found.ok) return { text: found.value, file: o.file };
  if (found.errno === 'EISDIR') return 'input in flex scanner failed\n';
  return `internal:0:0-0: Error: Could not open file "${o.file}": No such file or directory\n\n\n`;
}

/** The JSON of a text, or nothing: nft then reads it as its own language. */
function jsonOf(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function listOptions(proc: Proc, env: Surroundings, o: NftOptions): ListOptions {
  return {
    ns: proc.netns,
    env,
    now: proc.world.now,
    handles: o.handles,
    stateless: o.stateless,
    terse: o.terse,
    symbols: o.symbols,
    services: o.services,
    protocols: o.protocols,
    numericPriority: o.numericPriority,
    numericTime: o.numericTime,
    family: 'ip',
    ...(o.guid ? { accountName: accountsOf(env.host).nameOf } : {}),
  };
}

function* execute(proc: Proc, o: NftOptions): Program {
  const read = yield* input(proc, o);
  if (typeof read === 'string') {
    yield* printErr(read);
    return read.startsWith('input') ? 2 : 1;
  }
  const { file } = read;
  let { text } = read;
  const given = o.json ? jsonOf(text) : undefined;
  if (given !== undefined) {
    if (o.echo) throw new Unmodelled('nft -j -e of JSON');
    try {
      text = commandsOf(given);
    } catch (e) {
      if (!(e instanceof JsonError)) throw e;
      yield* printErr(refusedText(e, text, file));
      return 1;
    }
  }
  const { host } = proc;
  const env: Surroundings = { world: proc.world, ns: proc.netns, host, account: accountsOf(host).idOf };
  const whole = file === null ? `${text}\n` : text;
  const sources = new Sources(whole, file);
  const cursor = new Cursor(tokenize(whole), proc.netns, (path) => sources.include(proc, path, o.include));
  for (const d of o.defines) {
    const [name = '', value] = d.split('=');
    if (value === undefined || name === '') {
      yield* printErr(`Failed to define variable '${d}'\n`);
      return 1;
    }
    cursor.defines[0]?.set(name, { k: 'sym', text: value, span: { start: 0, end: 0 } });
  }
  const commands = parseCommands(cursor);
  if (given !== undefined && cursor.errors.length) throw new Unmodelled('this JSON');
  const list = listOptions(proc, env, o);
  let output = '';
  let warned = '';
  const outcome = runCommands(env, commands, cursor.errors, {
    check: o.check,
    read: (cmd, batch) => {
      if (cmd.verb === 'monitor') {
        if (cmd.event !== undefined && cmd.event !== 'new' && cmd.event !== 'destroy')
          throw new NftError(`invalid event ${cmd.event}`, cmd.nameSpan);
        throw new Unmodelled('nft monitor');
      }
      if (cmd.verb === 'describe') {
        output += describeText(cmd);
        return;
      }
      const lister = new Lister(batch, list, o.json);
      lister.run(cmd);
      output += lister.answer.json ? document(lister.answer.json) : lister.answer.text;
      warned += warnings(lister.answer.warned);
    },
  });
  if (outcome.errors.length === 0 && o.echo && !o.check) output += echoText(outcome.batch, list, o.json, proc.info.pid);
  yield* print(output);
  const shown = (e: NftError) => (given === undefined ? errorText(e, sources.of(e)) : internalText(e.message));
  yield* printErr(warned + outcome.errors.map(shown).join(''));
  return outcome.errors.length ? 1 : 0;
}

const OPTIONS = 'a s t S u N y p T n nn j c e f I D v V h'.split(' ');

export const command = defineCommand({
  name: 'nft',
  dir: '/usr/sbin',
  summary: 'nftables rule sets',
  images: ['node'],
  options: OPTIONS.map((flag) => ({ flag: `-${flag}`, modelled: true })),
  notModelled: ['monitor', 'list hooks', '-i', '-o', '-d'],
  run,
});
