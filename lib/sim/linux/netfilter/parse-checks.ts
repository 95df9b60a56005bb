/** The checks libxtables makes when a command line has been read. */
import { fail, type ParseContext } from './ext.ts';
import type { Loaded } from './getopt.ts';
import { TARGETS, TARGETS_NOT_MODELLED } from './target/registry.ts';
import type { RuleHead } from './types.ts';

/** Mandatory, dependent and exclusive options of one extension, after its own final check. */
export function checkUse({ def, spec, seen }: Loaded, ctx: ParseContext, head: RuleHead): void {
  def.done?.(spec.args, seen, ctx, head);
  if (def.oldStyle) return;
  const idOf = (o: { id?: string; name: string }) => o.id ?? o.name;
  for (const option of def.options) {
    const id = idOf(option);
    if (id !== option.name) continue;
    if (!seen.has(id)) {
      if (option.must) fail(`${def.name}: option "--${id}" must be specified\n`);
      continue;
    }
    for (const other of option.also ?? []) {
      if (!seen.has(other)) fail(`${def.name}: option "--${id}" also requires "--${other}".\n`);
    }
    for (const other of def.options) {
      if (idOf(other) === other.name && option.excl?.includes(other.name) && seen.has(other.name)) {
        fail(`${def.name}: option "--${id}" cannot be used together with "--${other.name}".\n`);
      }
    }
  }
}

/** Options each command does not take, in the order they are looked for. */
const ORDER = ['n', 's', 'd', 'p', 'j', 'v', 'x', 'i', 'o', '0', 'c', 'f'];
const ALLOWED: Record<string, string> = {
  I: 'sdpjviocf',
  D: 'sdpjviof',
  R: 'sdpjviocf',
  A: 'sdpjviocf',
  L: 'nvx0',
  F: 'v',
  Z: 'v',
  N: 'v',
  X: 'v',
  P: 'vc',
  E: 'v',
  S: 'v',
  C: 'sdpjviof',
};

/** Ends with `Illegal option` when the command does not take one that was given. */
export function illegalOptions(op: string, byNumber: boolean, flags: ReadonlySet<string>): void {
  // -D with a number takes no rule.
  const allowed = op === 'D' && byNumber ? 'v' : (ALLOWED[op] ?? '');
  for (const letter of ORDER) {
    if (flags.has(letter) && !allowed.includes(letter)) fail(`Illegal option \`-${letter}' with this command`);
  }
}

/** Names of chains are shorter than this. */
export const MAX_CHAIN = 29;

/** What is wrong with the name of a new chain, or null: assert_valid_chain_name(). */
export function chainNameProblem(name: string): string | null {
  if (name.length >= MAX_CHAIN) return `chain name \`${name}' too long (must be under ${MAX_CHAIN} chars)`;
  if (name[0] === '-' || name[0] === '!') return `chain name not allowed to start with \`${name[0]}'`;
  if (name === '' || TARGETS.has(name) || TARGETS_NOT_MODELLED.has(name))
    return 'chain name may not clash with target name';
  return /\s/.test(name) ? `Invalid chain name \`${name}'` : null;
}
