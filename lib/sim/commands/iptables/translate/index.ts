/** iptables-translate and iptables-restore-translate: rules in nft's words. */
import type { Io, Proc } from '../../../kernel/process.ts';
import { NotModelled, XtError } from '../../../linux/netfilter/ext.ts';
import { type Parsed, parseCommand, type XtCommand } from '../../../linux/netfilter/parse.ts';
import { splitLine } from '../../../linux/netfilter/restore.ts';
import { builtinChains, builtinPriority } from '../../../linux/netfilter/tables.ts';
import { vfsOf } from '../../../shell/vfs/vfs.ts';
import { notModelled, print, printErr, readAll } from '../../io.ts';
import { extensionHelp, helpText } from '../help.ts';
import { ctime } from '../list.ts';
import { readOptions } from '../options.ts';
import { ruleWords } from './rule.ts';

type Family = 'ip' | 'ip6';

interface Caller {
  proc: Proc;
  family: Family;
  prog: string;
}

function parse(c: Caller, words: readonly string[], table: string | null, line: number): Parsed {
  const { proc, family, prog } = c;
  return parseCommand(words, {
    world: proc.world,
    ns: proc.netns,
    host: proc.host,
    family,
    restoreTable: table,
    line,
    prog,
  });
}

/** The lines for one command, without `nft `. Null when the command has no translation. */
function translate(command: XtCommand, words: readonly string[], family: Family, tick: string): string[] | null {
  const { op, table, chain } = command;
  if (op === 'A' || op === 'I') {
    const out: string[] = [];
    for (const rule of command.rules) {
      const nft = ruleWords(rule, family);
      if (!nft) return [...out, `# ${words.map((w) => `${w} `).join('')}`];
      if (nft.sets.length > 0) out.push(`${tick}add set ${family} ${table} ${nft.sets.join(' ')}${tick}`);
      out.push(`${tick}${op === 'A' ? 'add' : 'insert'} rule ${family} ${table} ${chain} ${nft.text}${tick}`);
    }
    return out;
  }
  if (op === 'F')
    return [chain === null ? `flush table ${family} ${table}` : `flush chain ${family} ${table} ${chain}`];
  if (op === 'L') return [`list table ${family} ${table}`];
  if (op === 'N') return [`add chain ${family} ${table} ${chain}`];
  if (op === 'X') return [`delete chain ${family} ${table} ${chain ?? '(null)'}`];
  return null;
}

const advice = (prog: string): string => `Try \`${prog} -h' or '${prog} --help' for more information.\n`;

function* problem(error: unknown, prog: string): Io<number> {
  if (error instanceof NotModelled) return yield* notModelled(error.message);
  if (!(error instanceof XtError)) throw error;
  yield* printErr(
    `${error.warnings}${prog} v1.8.9 (nf_tables): ${error.message}\n${error.status === 2 ? advice(prog) : ''}`,
  );
  return error.status;
}

/** Runs `iptables-translate …`. */
export function* runTranslate(proc: Proc, family: Family): Io<number> {
  const prog = family === 'ip' ? 'iptables-translate' : 'ip6tables-translate';
  const words = proc.argv.slice(1);
  let parsed: Parsed;
  try {
    parsed = parse({ proc, family, prog }, words, null, 0);
  } catch (error) {
    return yield* problem(error, prog);
  }
  const title = `${prog} v1.8.9 (nf_tables)`;
  if (parsed.kind === 'version') {
    yield* print(`${title}\n`);
    return 0;
  }
  if (parsed.kind === 'help') {
    yield* print(helpText(title, prog, family === 'ip6') + extensionHelp(parsed.matches, parsed.target, family));
    return 0;
  }
  if (parsed.kind === 'skip') return 0;
  yield* printErr(parsed.warnings.join(''));
  if (parsed.kind === 'usage') {
    yield* printErr(parsed.message + advice(prog));
    return 2;
  }
  const lines = translate(parsed.command, words, family, "'");
  if (lines === null) {
    yield* print('nft ');
    yield* printErr('Translation not implemented\n');
    return 1;
  }
  yield* print(lines.map((l) => `nft ${l}\n`).join(''));
  return 0;
}

const HOOKS: Record<string, string> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

/** A `:CHAIN POLICY` line: built-in chains become base chains. The security table's priority is not known to the tool. */
function chainWords(family: Family, table: string, chain: string, policy: string): string {
  if (!builtinChains(table).some((b) => b === chain)) return `add chain ${family} ${table} ${chain}\n`;
  const type = table === 'nat' ? 'nat' : table === 'mangle' && chain === 'OUTPUT' ? 'route' : 'filter';
  const priority = table === 'security' ? 0 : (builtinPriority(table, chain) ?? 0);
  const verdict = policy === 'ACCEPT' || policy === 'DROP' ? `policy ${policy.toLowerCase()}; ` : '';
  return `add chain ${family} ${table} ${chain} { type ${type} hook ${HOOKS[chain]} priority ${priority}; ${verdict}}\n`;
}

class Stop extends Error {
  constructor(readonly status: number) {
    super('');
  }
}

interface Done {
  out: string;
  err: string;
  status: number;
}

function translateText(c: Caller, text: string): Done {
  let out = '';
  let err = '';
  let table: string | null = null;
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  const fail = (words: string, line: number): never => {
    err += `${c.prog} v1.8.9 (nf_tables): ${words}\nError occurred at line: ${line}\n${advice(c.prog)}`;
    throw new Stop(2);
  };
  try {
    for (const [i, raw] of lines.entries()) {
      const line = i + 1;
      if (raw === '' || raw[0] === '#') continue;
      if (raw === 'COMMIT' && table !== null) table = null;
      else if (raw[0] === '*') {
        const name = raw.slice(1).trim();
        if (builtinChains(name).length === 0) fail(`${c.prog}: line ${line} table name '${name}' invalid`, line);
        table = name;
        out += `add table ${c.family} ${name}\n`;
      } else if (table === null) {
        err += `${c.prog}: line ${line} failed\n`;
        throw new Stop(1);
      } else if (raw[0] === ':') {
        const [chain = '', policy = ''] = raw.slice(1).trim().split(/\s+/);
        out += chainWords(c.family, table, chain, policy);
      } else {
        const words = splitLine(`${raw.replace(/^\[[^\]]*\]/, '')}\n`);
        let parsed: Parsed;
        try {
          parsed = parse(c, words, table, line);
        } catch (error) {
          if (!(error instanceof XtError)) throw error;
          fail(error.message, line);
          continue;
        }
        if (parsed.kind === 'usage') {
          err += `${parsed.message}Error occurred at line: ${line}\n${advice(c.prog)}`;
          throw new Stop(2);
        }
        if (parsed.kind !== 'command') continue;
        const nft = translate(parsed.command, ['-t', table, ...words], c.family, '');
        if (nft) out += nft.map((l) => `${l}\n`).join('');
      }
    }
  } catch (error) {
    if (error instanceof Stop) return { out, err, status: error.status };
    throw error;
  }
  return { out, err, status: 0 };
}

const usage = (name: string): string =>
  `${name} 1.8.9 (c) 2014 by Pablo Neira Ayuso <pablo@netfilter.org>\nUsage: ${name} [-h] [-f <FILE>] [-V]\n\t[ --help ]\n\t[ --file=<FILE> ]\n\t[ --version ]\n`;

/** Runs `iptables-restore-translate -f FILE`. */
export function* runRestoreTranslate(proc: Proc, family: Family): Io<number> {
  const name = proc.argv[0] ?? 'iptables-restore-translate';
  const prog = family === 'ip' ? 'iptables-translate-restore' : 'ip6tables-translate-restore';
  const read = readOptions(proc.argv.slice(1), { h: 0, f: 1, V: 0 }, [
    ['help', 'h'],
    ['file', 'f'],
    ['version', 'V'],
  ]);
  const options = 'error' in read ? new Map<string, string>() : read.options;
  if (options.has('V')) {
    yield* print(`${name} v1.8.9\n`);
    return 0;
  }
  const file = options.get('f');
  if (options.has('h') || file === undefined) {
    yield* printErr((options.has('h') ? '' : 'ERROR: missing file name\n') + usage(name));
    return 1;
  }
  const got = file === '/dev/stdin' ? { ok: true as const, value: yield* readAll() } : vfsOf(proc).readFile(file);
  if (!got.ok) {
    yield* printErr(`Cannot open file ${file}\n`);
    return 1;
  }
  const date = ctime(proc.world);
  try {
    const { out, err, status } = translateText({ proc, family, prog }, got.value);
    yield* print(`# Translated by ${name} v1.8.9 on ${date}\n${out}${status === 0 ? `# Completed on ${date}\n` : ''}`);
    yield* printErr(err);
    return status;
  } catch (error) {
    return yield* problem(error, prog);
  }
}
