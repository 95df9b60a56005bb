/** An iptables command line, parsed: what it asks for, or libxtables' error. Used by iptables and iptables-restore. */
import { fail, type MatchExt, NotModelled, type ParseContext, type TargetExt, XtError } from './ext.ts';
import { type Loaded, OptionReader } from './getopt.ts';
import { type Address, checkInterface, emptyHead, parseAddresses, parseProtocol } from './head.ts';
import { MATCHES, MATCHES_NOT_MODELLED } from './match/registry.ts';
import { chainNameProblem, checkUse, illegalOptions, MAX_CHAIN } from './parse-checks.ts';
import { TARGETS, TARGETS_NOT_MODELLED } from './target/registry.ts';
import type { MatchSpec, RuleHead, TargetSpec } from './types.ts';
import { emptyCommand, type Parsed, type ParseEnv, type RuleSpec, type XtCommand } from './xt-command.ts';

export type { Parsed, ParseEnv, RuleSpec, XtCommand };

const EXCLUSIVE = 'ADCIRLSFZNXEP';

function ruleNumber(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > 0xffffffff) fail(`Invalid rule number \`${text}'`);
  return Number(text);
}

function targetName(text: string): string {
  if (text === '') fail('Invalid target name (too short)');
  if (text.length >= MAX_CHAIN) fail(`Invalid target name \`${text}' (${MAX_CHAIN - 1} chars max)`);
  if (/\s/.test(text)) fail(`Invalid target name \`${text}'`);
  return text;
}

/** Runs the parser over one command line's words (without the program's name). */
export function parseCommand(argv: readonly string[], env: ParseEnv): Parsed {
  const parser = new Parser(argv, env);
  try {
    return parser.run();
  } catch (error) {
    if (error instanceof XtError) error.warnings = parser.ctx.warnings.join('');
    throw error;
  }
}

class Parser {
  private readonly reader: OptionReader;
  readonly ctx: ParseContext;
  private readonly loaded: Loaded[] = [];
  private readonly matches: MatchSpec[] = [];
  private readonly head = emptyHead();
  private readonly flags = new Set<string>();
  private target: TargetSpec | null = null;
  private targetExt: Loaded | null = null;
  private protoLoaded = false;
  private protoWord = '';
  private invert = false;
  private src: { text: string; not: boolean } | null = null;
  private dst: { text: string; not: boolean } | null = null;
  private readonly cmd: XtCommand;

  constructor(
    argv: readonly string[],
    private readonly env: ParseEnv,
  ) {
    this.reader = new OptionReader(argv);
    const table = env.restoreTable ?? 'filter';
    this.ctx = {
      world: env.world,
      ns: env.ns,
      host: env.host,
      family: env.family,
      table,
      head: this.head,
      warnings: [],
    };
    this.cmd = emptyCommand(table, env.line);
  }

  run(): Parsed {
    for (;;) {
      const option = this.reader.next(this.loaded);
      if (option.kind === 'end') break;
      if (option.kind === 'word') {
        if (option.value !== '!')
          return { kind: 'usage', message: `Bad argument \`${option.value}'\n`, warnings: this.ctx.warnings };
        if (this.invert) fail('multiple consecutive ! not allowed');
        this.invert = true;
        continue;
      }
      if (option.kind === 'unknown' || option.kind === 'missing') {
        if (option.kind === 'unknown' && this.loadProtocol()) {
          this.reader.retry();
          continue;
        }
        fail(
          option.kind === 'missing'
            ? `option "${option.word}" requires an argument`
            : `unknown option "${option.word}"`,
        );
      }
      if (option.kind === 'extension')
        this.extension(option.loaded, option.option.id ?? option.option.name, option.value);
      else {
        if (option.letter === 'V') return { kind: 'version' };
        if (option.letter === 'h') return this.help();
        if (
          (option.letter === '6' && this.env.family === 'ip') ||
          (option.letter === '4' && this.env.family === 'ip6')
        ) {
          // A restore file may hold rules of the other family.
          if (this.env.restoreTable !== null) return { kind: 'skip' };
          return { kind: 'usage', message: '', warnings: this.ctx.warnings };
        }
        this.base(option.letter, option.value, option.whole);
      }
      this.invert = false;
    }
    return this.finish();
  }

  private help(): Parsed {
    // The match named like the protocol explains itself, too: `-p icmp -h`.
    if (this.matches.length === 0 && MATCHES.has(this.protoWord)) {
      const { families } = MATCHES.get(this.protoWord) ?? {};
      if (!families || families.includes(this.env.family)) this.loadMatch(this.protoWord);
    }
    const target = this.target?.chain === undefined ? (this.target?.name ?? null) : null;
    return { kind: 'help', matches: this.matches.map((m) => m.name), target };
  }

  private extension(loaded: Loaded, id: string, value: string): void {
    const { def, spec, seen } = loaded;
    const option = def.options.find((o) => o.name === id);
    if (!def.oldStyle && option) {
      if (seen.has(id) && !option.multi) fail(`${def.name}: option "--${id}" can only be used once.\n`);
      if (this.invert && !option.invert) fail(`${def.name}: option "--${id}" cannot be inverted.\n`);
    }
    def.option(spec.args, id, value, this.invert, this.ctx, () => this.reader.takeArg());
    seen.add(id);
  }

  private load(def: MatchExt | TargetExt, spec: MatchSpec | TargetSpec): Loaded {
    spec.args = def.init(this.ctx);
    const loaded: Loaded = { def, spec, seen: new Set() };
    this.loaded.push(loaded);
    return loaded;
  }

  private loadMatch(word: string): void {
    const name = word === 'icmpv6' || word === 'ipv6-icmp' ? 'icmp6' : word;
    const def = MATCHES.get(name);
    if (!def || (def.families && !def.families.includes(this.env.family))) {
      if (!def && MATCHES_NOT_MODELLED.has(name)) throw new NotModelled(`iptables -m ${name}`);
      fail(`Couldn't load match \`${name}':No such file or directory\n`);
    }
    const spec: MatchSpec = { name, args: {} };
    this.matches.push(spec);
    this.load(def, spec);
  }

  /** An unknown option may belong to the match of the protocol: `-p tcp --dport`. */
  private loadProtocol(): boolean {
    const { proto } = this.head;
    if (!proto || this.protoLoaded) return false;
    const name = { 1: 'icmp', 6: 'tcp', 17: 'udp', 33: 'dccp', 132: 'sctp', 136: 'udplite', 58: 'icmp6' }[proto.number];
    if (name === undefined || this.matches.some((m) => m.name === name)) return false;
    if (name === 'udplite') throw new NotModelled(`iptables -m ${name}`);
    this.protoLoaded = true;
    this.loadMatch(name);
    return true;
  }

  private command(letter: string): void {
    if (this.invert) fail("unexpected '!' flag");
    const { cmd } = this;
    const withZero = (a: string, b: string) => a === 'Z' && (b === 'L' || b === 'S');
    if (cmd.op !== '' && !withZero(cmd.op, letter) && !withZero(letter, cmd.op))
      fail(`Cannot use -${letter} with -${cmd.op}`);
    if (cmd.op !== '') cmd.zero = true;
    if (cmd.op === '' || letter !== 'Z') cmd.op = letter;
  }

  private once(letter: string): void {
    if (this.flags.has(letter)) fail(`multiple -${letter} flags not allowed`);
    if (this.invert && !'sdpiof'.includes(letter)) fail(`cannot have ! before -${letter}`);
    this.flags.add(letter);
  }

  private base(letter: string, value: string | null, whole: string | null): void {
    const { cmd, reader } = this;
    if (EXCLUSIVE.includes(letter)) {
      this.commandOption(letter, value);
      return;
    }
    const text = whole ?? '';
    switch (letter) {
      case 'p': {
        this.once('p');
        const number = parseProtocol(text);
        const word = text.toLowerCase();
        this.protoWord = word === 'icmpv6' || word === 'ipv6-icmp' ? 'icmp6' : word;
        if (number === 0 && this.invert) fail('rule would never match protocol');
        this.head.proto = number === 0 ? null : { number, not: this.invert };
        break;
      }
      case 's':
        this.once('s');
        this.src = { text, not: this.invert };
        break;
      case 'd':
        this.once('d');
        this.dst = { text, not: this.invert };
        break;
      case 'i':
      case 'o': {
        if (text === '') fail('Empty interface is likely to be undesired');
        this.once(letter);
        const name = checkInterface(text, this.ctx);
        if (name !== '+' || this.invert) this.head[letter === 'i' ? 'iif' : 'oif'] = { name, not: this.invert };
        break;
      }
      case 'j':
        this.once('j');
        this.jump(targetName(text));
        break;
      case 'g':
        this.once('j');
        this.target = { name: 'goto', chain: targetName(value ?? ''), args: {} };
        break;
      case 'f':
        if (this.env.family === 'ip6') fail("`-f' is not supported in IPv6, use -m frag instead");
        this.once('f');
        this.head.frag = this.invert ? -1 : 1;
        break;
      case 'm':
        if (this.invert) fail('unexpected ! flag before --match');
        this.loadMatch(value ?? '');
        break;
      case 't':
        if (this.invert) fail('unexpected ! flag before --table');
        if (this.env.restoreTable !== null) fail(`The -t option cannot be used in ${this.env.prog}.\n`);
        cmd.table = this.ctx.table = value ?? '';
        break;
      case 'v':
        if (cmd.verbose === 0) this.once('v');
        if (++cmd.verbose > 1) throw new NotModelled('iptables -vv');
        break;
      case 'n':
        this.once('n');
        cmd.numeric = true;
        break;
      case 'x':
        this.once('x');
        cmd.exact = true;
        break;
      case '0':
        this.once('0');
        cmd.lineNumbers = true;
        break;
      case 'c':
        this.counters(value ?? '');
        break;
      case 'w':
        if (this.env.restoreTable !== null) fail(`You cannot use \`-w' from ${this.env.prog}`);
        this.flags.add('w');
        if (!/^\s*[-+]?\d/.test(value ?? reader.takeArg() ?? '0')) fail('wait seconds not numeric');
        break;
      case 'W':
        if (this.env.restoreTable !== null) fail(`You cannot use \`-W' from ${this.env.prog}`);
        this.waitInterval(value ?? reader.takeArg());
        if (!this.flags.has('w')) fail('--wait-interval only makes sense with --wait\n');
        break;
      case 'b':
        fail('Unknown arg "(null)"');
        break;
      default:
        break;
    }
  }

  /** parse_wait_interval(). */
  private waitInterval(value: string | null): void {
    if (value === null) fail('wait interval value required');
    if (!/^\s*[-+]?\d/.test(value)) fail('wait interval not numeric');
    this.ctx.warnings.push('Ignoring deprecated --wait-interval option.\n');
  }

  private jump(name: string): void {
    const def = TARGETS.get(name);
    if (!def && TARGETS_NOT_MODELLED.has(name)) throw new NotModelled(`iptables -j ${name}`);
    if (!def || (def.families && !def.families.includes(this.env.family))) {
      this.target = { name: 'jump', chain: name, args: {} };
      return;
    }
    this.target = { name, args: {} };
    this.targetExt = this.load(def, this.target);
  }

  private counters(value: string): void {
    this.once('c');
    const comma = value.indexOf(',');
    const packets = comma < 0 ? value : value.slice(0, comma);
    const bytes = comma < 0 ? this.reader.takeArg() : value.slice(comma + 1);
    if (bytes === null) fail('-c requires packet and byte counter');
    if (!/^\d+/.test(packets)) fail('-c packet counter not numeric');
    if (!/^\d+/.test(bytes)) fail('-c byte counter not numeric');
    this.cmd.packets = Number.parseInt(packets, 10);
    this.cmd.bytes = Number.parseInt(bytes, 10);
  }

  private commandOption(letter: string, value: string | null): void {
    const { cmd, reader } = this;
    this.command(letter);
    const chain = value ?? ('LSFZX'.includes(letter) ? reader.takeArg() : null);
    if (chain !== null) cmd.chain = chain;
    if (letter === 'D' && reader.hasArg()) cmd.rulenum = ruleNumber(reader.take() as string);
    else if (letter === 'R') {
      if (!reader.hasArg()) fail('-R requires a rule number');
      cmd.rulenum = ruleNumber(reader.take() as string);
    } else if (letter === 'I') cmd.rulenum = reader.hasArg() ? ruleNumber(reader.take() as string) : 1;
    else if ('LSZ'.includes(letter) && cmd.chain !== null && reader.hasArg())
      cmd.rulenum = ruleNumber(reader.take() as string);
    else if (letter === 'N') {
      const wrong = chainNameProblem(cmd.chain ?? '');
      if (wrong !== null) fail(wrong);
    } else if (letter === 'E') {
      const name = reader.takeArg();
      if (name === null) fail('-E requires old-chain-name and new-chain-name');
      cmd.newName = name;
    } else if (letter === 'P') {
      const policy = reader.takeArg();
      if (policy === null) fail('-P requires a chain and a policy');
      cmd.policy = policy;
    }
  }

  private finish(): Parsed {
    const { cmd } = this;
    const jumpto = this.target?.name;
    if (cmd.table === 'nat' && (cmd.policy === 'DROP' || jumpto === 'DROP')) {
      fail('\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n');
    }
    for (const one of this.loaded) if (one !== this.targetExt) checkUse(one, this.ctx, this.head);
    if (this.targetExt) checkUse(this.targetExt, this.ctx, this.head);
    if (this.reader.left > 0) fail('unknown arguments found on commandline');
    if (cmd.op === '') fail('no command specified');
    if (this.invert) fail('nothing appropriate following !');
    const src = this.src ? parseAddresses(this.src.text, this.ctx) : [null];
    const dst = this.dst ? parseAddresses(this.dst.text, this.ctx) : [null];
    if (
      (src.length > 1 && this.src?.not) ||
      (dst.length > 1 && this.dst?.not) ||
      ((src.length > 1 || dst.length > 1) && (this.src?.not || this.dst?.not))
    ) {
      fail('! not allowed with multiple source or destination IP addresses');
    }
    if (cmd.op === 'R' && (src.length !== 1 || dst.length !== 1))
      fail('Replacement rule does not specify a unique address');
    illegalOptions(cmd.op, cmd.rulenum > 0, this.flags);
    if (cmd.chain !== null && cmd.chain.length >= MAX_CHAIN) {
      fail(`chain name \`${cmd.chain}' too long (must be under ${MAX_CHAIN} chars)`);
    }
    if ('ADCIR'.includes(cmd.op)) {
      if (this.flags.has('o') && (cmd.chain === 'PREROUTING' || cmd.chain === 'INPUT'))
        fail(`Can't use -o with ${cmd.chain}\n`);
      if (this.flags.has('i') && (cmd.chain === 'POSTROUTING' || cmd.chain === 'OUTPUT'))
        fail(`Can't use -i with ${cmd.chain}\n`);
      for (const s of src) for (const d of dst) cmd.rules.push(this.rule(s, d));
    }
    return { kind: 'command', command: cmd, warnings: this.ctx.warnings };
  }

  private rule(s: Address | null, d: Address | null): RuleSpec {
    const side = (a: Address | null, not: boolean) =>
      a && (not || a.mask !== (typeof a.mask === 'bigint' ? 0n : 0)) ? { ...a, not } : null;
    const head: RuleHead = { ...this.head, src: side(s, this.src?.not ?? false), dst: side(d, this.dst?.not ?? false) };
    return {
      head,
      matches:
        this.cmd.rules.length === 0 ? this.matches : this.matches.map((m) => ({ name: m.name, args: { ...m.args } })),
      target: this.target,
    };
  }
}
