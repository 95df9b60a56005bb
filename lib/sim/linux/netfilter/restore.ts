/** iptables-restore: the text of iptables-save, applied table by table. */
import type { Host, World } from '../../kernel/world.ts';
import { REACH } from '../derived.ts';
import type { NetNs } from '../types.ts';
import { applyCommands, type ChangeError } from './change.ts';
import { NotModelled, XtError } from './ext.ts';
import { FastRules } from './fast-rules.ts';
import { type Parsed, parseCommand, type XtCommand } from './parse.ts';
import { chainNameProblem } from './parse-checks.ts';
import { syncRules } from './sync.ts';
import { builtinChains, createTable, type IpFamily, orderedChains, TABLE_NAMES, tableKey, touch } from './tables.ts';
import type { RestoreStep } from './xt-command.ts';

export interface RestoreOptions {
  noflush?: boolean;
  counters?: boolean;
  /** Parses only. */
  test?: boolean;
  verbose?: boolean;
  /** Only this table (-T). */
  table?: string;
  owner?: 'nft' | 'iptables';
  prog?: string;
}

/** How a restore ended: text for stderr and stdout, and the exit status. */
export interface RestoreResult {
  status: number;
  stdout: string;
  stderr: string;
  /** Set when a line asked for help or the version, which end the program. */
  shown?: Parsed;
  /** Set when something in the text is not modelled. */
  notModelled?: string;
}

/** Splits a rule line as the shell would: blanks, double quotes, backslashes inside them. */
export function splitLine(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let from = 0;
  let open = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (open) {
      if (c === '\\') {
        word += line.slice(from, i) + (line[i + 1] ?? '');
        from = i + 2;
        i++;
      } else if (c === '"') {
        words.push(word + line.slice(from, i));
        word = '';
        from = i + 1;
        open = false;
      }
    } else if (c === '"') {
      word += line.slice(from, i);
      from = i + 1;
      open = true;
    } else if (c === ' ' || c === '\t' || c === '\n') {
      if (i > from || word !== '') words.push(word + line.slice(from, i));
      word = '';
      from = i + 1;
    }
  }
  word += line.slice(from);
  if (word !== '') words.push(word);
  return words;
}

/** Restores rules as `iptables-restore` does. Null when all went well, else the error's text. */
export function restore(
  world: World,
  ns: NetNs,
  family: IpFamily,
  text: string,
  options: RestoreOptions = {},
): string | null {
  const result = runRestore(world, ns, world.hosts.get(ns.host), family, text, options);
  return result.status === 0 ? null : result.stderr || result.notModelled || 'failed';
}

/** The whole program behind iptables-restore, without its own options. */
export function runRestore(
  world: World,
  ns: NetNs,
  host: Host | undefined,
  family: IpFamily,
  text: string,
  options: RestoreOptions,
  onQuery: (c: XtCommand) => string = () => '',
): RestoreResult {
  return new Restore(world, ns, host, family, options, onQuery).run(text);
}

class Failure extends Error {
  constructor(
    readonly status: number,
    readonly text: string,
    /** A line asked for the program's own help or version. */
    readonly shown?: Parsed,
  ) {
    super('');
  }
}

class Restore {
  private out = '';
  private err = '';
  private line = 0;
  private table: string | null = null;
  private steps: RestoreStep[] = [];
  private fast: FastRules | null = null;
  private skip = false;
  private readonly prog: string;
  private readonly owner: 'nft' | 'iptables';

  constructor(
    private readonly world: World,
    private readonly ns: NetNs,
    private readonly host: Host | undefined,
    private readonly family: IpFamily,
    private readonly options: RestoreOptions,
    private readonly onQuery: (c: XtCommand) => string,
  ) {
    this.prog = options.prog ?? (family === 'ip' ? 'iptables-restore' : 'ip6tables-restore');
    this.owner = options.owner ?? 'nft';
  }

  run(text: string): RestoreResult {
    try {
      for (let from = 0; from < text.length; ) {
        const newline = text.indexOf('\n', from);
        const to = newline < 0 ? text.length : newline;
        this.line++;
        if (!this.append(text, from, to)) this.oneLine(text.slice(from, to));
        from = to + 1;
      }
      if (this.table !== null) throw new Failure(1, `${this.prog}: COMMIT expected at line ${this.line + 1}\n`);
    } catch (error) {
      if (error instanceof Failure)
        return { status: error.status, stdout: this.out, stderr: this.err + error.text, shown: error.shown };
      if (error instanceof NotModelled)
        return { status: 64, stdout: this.out, stderr: this.err, notModelled: error.message };
      throw error;
    }
    return { status: 0, stdout: this.out, stderr: this.err };
  }

  private title(): string {
    return `${this.prog} v1.8.9 (${this.owner === 'nft' ? 'nf_tables' : 'legacy'}): `;
  }

  private usage(message: string): never {
    throw new Failure(2, `${this.title()}${message}\n${this.advice()}`);
  }

  private advice(): string {
    return `Error occurred at line: ${this.line}\nTry \`${this.prog} -h' or '${this.prog} --help' for more information.\n`;
  }

  private wrongTable(name: string): string {
    return this.owner === 'nft'
      ? `${this.prog}: line ${this.line} table name '${name}' invalid`
      : `${this.prog}: unable to initialize table '${name}'`;
  }

  /** An ordinary `-A` line, the short way. False: it wants the long one. */
  private append(text: string, from: number, to: number): boolean {
    if (!text.startsWith('-A ', from) || this.table === null || this.skip || this.options.verbose) return false;
    const { world, ns, host, family, table } = this;
    this.fast ??= new FastRules({ world, ns, host, family, table });
    const rule = this.fast.read(text, from, to);
    if (!rule) return false;
    this.steps.push({ append: rule, chain: this.fast.chain, line: this.line });
    return true;
  }

  private oneLine(line: string): void {
    if (line === '') return;
    if (line[0] === '#') {
      if (this.options.verbose) this.out += `${line}\n`;
      return;
    }
    if (line === 'COMMIT' && this.table !== null) {
      if (!this.skip) this.commit();
      this.table = null;
      return;
    }
    if (line[0] === '*' && this.table === null) {
      const name = line
        .slice(1)
        .split(/[ \t]+/)
        .find((w) => w !== '');
      if (name === undefined) this.usage(`${this.prog}: line ${this.line} table name invalid`);
      if (!TABLE_NAMES.includes(name)) this.usage(this.wrongTable(name));
      this.table = name;
      this.steps = [];
      this.fast = null;
      this.skip = this.options.table !== undefined && this.options.table !== name;
      return;
    }
    if (this.table === null) throw new Failure(1, `${this.prog}: line ${this.line} failed\n`);
    if (this.skip) return;
    if (line[0] === ':') this.chainLine(line);
    else this.ruleLine(line);
  }

  private chainLine(line: string): void {
    const [name, policy, counters] = line
      .slice(1)
      .split(/[ \t]+/)
      .filter((w) => w !== '');
    if (name === undefined) this.usage(`${this.prog}: line ${this.line} chain name invalid`);
    const wrong = chainNameProblem(name);
    if (wrong !== null) this.usage(wrong);
    if (policy === undefined) this.usage(`${this.prog}: line ${this.line} policy invalid`);
    let packets = 0;
    let bytes = 0;
    const builtin = builtinChains(this.table ?? '').some((b) => b === name);
    if (builtin && (policy !== '-' || this.owner === 'nft')) {
      if (this.options.counters) {
        const m = /^\[\s*(\d+):\s*(\d+)/.exec(counters ?? '');
        if (!m) this.usage(`invalid policy counters for chain '${name}'`);
        packets = Number(m[1]);
        bytes = Number(m[2]);
      }
    }
    this.steps.push({ append: null, chain: name, line: this.line, policy, packets, bytes });
  }

  private ruleLine(text: string): void {
    let line = text;
    let counters: RegExpExecArray | null = null;
    if (line[0] === '[') {
      if (!line.includes(']')) this.usage(`Bad line ${this.line}: need ]`);
      counters = /^\[:*([^:]+):+([^\]]+)\]/.exec(line);
      if (!counters) this.usage(`Bad line ${this.line}: need ${/^\[:*$/.test(line) ? ':' : ']'}`);
      line = line.slice(line.indexOf(']') + 1);
      if (this.options.counters)
        for (const [i, what] of ['packet', 'byte'].entries())
          if (!/^\s*\d/.test(counters[i + 1] as string)) this.usage(`-c ${what} counter not numeric`);
    }
    let parsed: Parsed;
    try {
      parsed = parseCommand(splitLine(`${line}\n`), {
        world: this.world,
        ns: this.ns,
        host: this.host,
        family: this.family,
        restoreTable: this.table,
        line: this.line,
        prog: this.prog,
      });
    } catch (error) {
      if (!(error instanceof XtError)) throw error;
      this.err += error.warnings;
      if (error.status !== 2) throw new Failure(error.status, `${this.title()}${error.message}\n`);
      this.usage(error.message);
    }
    if (parsed.kind === 'version' || parsed.kind === 'help') throw new Failure(0, '', parsed);
    if (parsed.kind === 'skip') return;
    this.err += parsed.warnings.join('');
    if (parsed.kind === 'usage') throw new Failure(2, parsed.message + this.advice());
    const { command } = parsed;
    if (this.options.verbose && !this.options.noflush) command.verbose++;
    if (counters && this.options.counters) {
      command.packets = Number.parseInt(counters[1] as string, 10);
      command.bytes = Number.parseInt(counters[2] as string, 10);
    }
    this.steps.push(command);
  }

  private commit(): void {
    if (this.options.test) return;
    const { ns, family, owner } = this;
    const name = this.table ?? '';
    const key = tableKey(family, name, owner);
    const old = ns.nf.tables.get(key);
    const before = old && { ...old };
    const tables = [...ns.nf.tables];
    if (!this.options.noflush) {
      if (this.options.verbose) {
        const user = old ? orderedChains(old).filter((c) => !c.hook) : [];
        this.out += [...builtinChains(name), ...user.map((c) => c.name)]
          .map((c) => `Flushing chain \`${c}'\n`)
          .join('');
        this.out += user.map((c) => `Deleting chain \`${c.name}'\n`).join('');
      }
      // The legacy front end empties the table; the other deletes it, and what follows makes it anew.
      if (owner === 'nft') ns.nf.tables.delete(key);
      else if (old) {
        old.chains = new Map([...old.chains].flatMap(([k, c]) => (c.hook ? [[k, { ...c, rules: [] }]] : [])));
        old[REACH] = undefined;
      }
      touch(ns);
    }
    if (owner === 'iptables') createTable(ns, family, name, owner);
    const isQuery = (step: RestoreStep): step is XtCommand =>
      !('append' in step) && (step.op === 'L' || step.op === 'S');
    let commands = this.steps;
    if (commands.some(isQuery)) {
      this.out += commands.filter(isQuery).map(this.onQuery).join('');
      commands = commands.filter((step) => !isQuery(step));
    }
    const error = applyCommands({ ns, family, owner, table: name }, commands, (t) => {
      this.out += t;
    });
    if (!error) return;
    if (old && before) {
      Object.assign(old, { nextHandle: before.nextHandle });
      // What was emptied comes back; what was only added to has been put back already.
      if (!this.options.noflush) old.chains = before.chains;
    }
    ns.nf.tables = new Map(tables);
    touch(ns);
    syncRules(ns);
    this.report(error);
  }

  private report(error: ChangeError): never {
    if (error.kind === 'usage') this.usage(error.message);
    if (error.kind === 'errno') {
      const why = this.owner === 'nft' ? `: ${error.message}.` : '';
      throw new Failure(1, `${this.prog}: line ${error.line || this.line} failed${why}\n`);
    }
    throw new Failure(4, `${this.title()}${error.errors.map((e) => `\nline ${e.line}: ${e.text}`).join('')}\n`);
  }
}
