/** The iptables and ip6tables programs: one command line in, its text and exit status out. */
import type { Io, Proc } from '../../kernel/process.ts';
import { applyCommands, type ChangeError } from '../../linux/netfilter/change.ts';
import { NotModelled, XtError } from '../../linux/netfilter/ext.ts';
import { type Parsed, parseCommand, type XtCommand } from '../../linux/netfilter/parse.ts';
import { builtinChains, ensureBuiltin, ensureIptables, findTable, TABLE_NAMES } from '../../linux/netfilter/tables.ts';
import { notModelled, print, printErr, printThenErr } from '../io.ts';
import { extensionHelp, helpText } from './help.ts';
import { listText, NoChain, type Source, specText, Unread } from './list.ts';
import { legacyWarning, type Variant, variantOf } from './variant.ts';

/** Runs `iptables …`. */
export function* runMain(proc: Proc): Io<number> {
  const v = variantOf(proc);
  const title = `${v.prog} v1.8.9 (${v.label})`;
  let parsed: Parsed;
  try {
    parsed = parseCommand(proc.argv.slice(1), {
      world: proc.world,
      ns: proc.netns,
      host: proc.host,
      family: v.family,
      restoreTable: null,
      line: 0,
      prog: v.prog,
    });
  } catch (error) {
    return yield* failure(error, v);
  }
  if (parsed.kind === 'version') {
    yield* print(`${title}\n`);
    return 0;
  }
  if (parsed.kind === 'skip') return 0;
  if (parsed.kind === 'help') {
    yield* print(helpText(title, v.prog) + extensionHelp(parsed.matches, parsed.target, v.family));
    return 0;
  }
  yield* printErr(parsed.warnings.join(''));
  if (parsed.kind === 'usage') {
    yield* printErr(parsed.message + advice(v));
    return 2;
  }
  const { command } = parsed;
  if (!TABLE_NAMES.includes(command.table)) {
    const words =
      v.owner === 'nft'
        ? `table '${command.table}' does not exist`
        : `can't initialize ${v.prog} table \`${command.table}': Table does not exist (do you need to insmod?)`;
    yield* printErr(`${title}: ${words}\nPerhaps ${v.prog} or your kernel needs to be upgraded.\n`);
    return 3;
  }
  if (command.op === 'L' || command.op === 'S') return yield* query(proc, v, command);
  return yield* change(proc, v, command);
}

const advice = (v: Variant): string => `Try \`${v.prog} -h' or '${v.prog} --help' for more information.\n`;

function* failure(error: unknown, v: Variant): Io<number> {
  if (error instanceof NoChain) {
    yield* printErr(`${v.prog}: No chain/target/match by that name.\n`);
    return 1;
  }
  if (error instanceof NotModelled) return yield* notModelled(error.message);
  if (!(error instanceof XtError)) throw error;
  yield* printErr(
    `${error.warnings}${v.prog} v1.8.9 (${v.label}): ${error.message}\n${error.status === 2 ? advice(v) : ''}`,
  );
  return error.status;
}

function* query(proc: Proc, v: Variant, command: XtCommand): Io<number> {
  const source: Source = { ns: proc.netns, host: proc.host, family: v.family, owner: v.owner };
  // Looking at a table is enough for the legacy front end to make it.
  if (v.owner === 'iptables') ensureIptables(proc.netns, v.family, command.table, v.owner);
  yield* printErr(legacyWarning(proc, v));
  try {
    const text = command.op === 'L' ? listText(source, command) : specText(source, command);
    if (command.zero && neverMade(proc, v, command) === null) {
      // Chains that were listed without being there are made as they are zeroed.
      for (const name of builtinChains(command.table))
        if (command.chain === null || command.chain === name)
          ensureBuiltin(proc.netns, v.family, command.table, name, v.owner);
      applyCommands(on(proc, v), [{ ...command, op: 'Z', rulenum: 0, verbose: 0 }]);
    }
    yield* print(text);
    const missing = command.zero ? neverMade(proc, v, command) : null;
    if (missing !== null) {
      yield* printErr(
        `${v.prog} v1.8.9 (${v.label}):  CHAIN_ZERO failed (No such file or directory): chain ${missing}\n`,
      );
      return 4;
    }
    return 0;
  } catch (error) {
    if (error instanceof Unread) return yield* unread(proc, v, error);
    return yield* failure(error, v);
  }
}

/** What came before the rule that could not be read, and the errors. */
export function* unread(proc: Proc, v: Variant, { text, errors, message }: Unread): Io<number> {
  const words = `${v.prog} v1.8.9 (${v.label}): ${message}\nPerhaps ${v.prog} or your kernel needs to be upgraded.\n`;
  yield* printThenErr(proc, text, errors.map((e) => `Error: ${e}\n`).join('') + words);
  return 3;
}

/** Listing shows the built-in chains of a table that nf_tables does not have yet; zeroing those is refused. */
function neverMade(proc: Proc, v: Variant, command: XtCommand): string | null {
  if (v.owner !== 'nft' || findTable(proc.netns, v.family, command.table)) return null;
  return builtinChains(command.table).find((name) => command.chain === null || name === command.chain) ?? null;
}

const on = (proc: Proc, v: Variant) => ({ ns: proc.netns, family: v.family, owner: v.owner });

function* change(proc: Proc, v: Variant, command: XtCommand): Io<number> {
  let out = '';
  const error = applyCommands(on(proc, v), [command], (text) => {
    out += text;
  });
  yield* print(out);
  return error ? yield* explain(error, v) : 0;
}

function* explain(error: ChangeError, v: Variant): Io<number> {
  const title = `${v.prog} v1.8.9 (${v.label}): `;
  if (error.kind === 'usage') {
    yield* printErr(`${title}${error.message}\n${advice(v)}`);
    return 2;
  }
  if (error.kind === 'errno') {
    yield* printErr(`${v.prog}: ${error.message}.\n`);
    return 1;
  }
  yield* printErr(`${title} ${error.errors[0]?.text}\n`);
  return 4;
}
