/**
 * Matches and targets by what a rule says of them, word by word, so that equal ones of all rules are one object: a tree of maps,
 * since a hundred thousand rules would each have to put a key together otherwise.
 */
import type { MatchExt, TargetExt, XtOption } from './ext.ts';
import type { MatchSpec } from './types.ts';

export type Ext = MatchExt | TargetExt;

/** An option as it was given. */
export interface Given {
  option: XtOption;
  value: string;
  not: boolean;
}

interface Said {
  next: Map<string, Said>;
  /** By the rule's protocol, since tcp and udp want theirs. Frozen: worlds may share them. */
  specs: Map<number, MatchSpec>;
}

/** More different words than this are not worth keeping. */
const MOST = 8000;
let kept = 0;

const nothing = (): Said => ({ next: new Map(), specs: new Map() });
const roots = { ip: new Map<Ext, Said>(), ip6: new Map<Ext, Said>() };

function rootOf(def: Ext, family: 'ip' | 'ip6'): Said {
  const known = roots[family].get(def);
  if (known) return known;
  const made = nothing();
  roots[family].set(def, made);
  return made;
}

/** The specs of an extension with the first `count` of these options, by protocol; null when there is no room for more. */
export function saidBy(
  def: Ext,
  options: readonly Given[],
  count: number,
  family: 'ip' | 'ip6',
): Map<number, MatchSpec> | null {
  let at = rootOf(def, family);
  for (let i = 0; i < count; i++) {
    const { option, value, not } = options[i] as Given;
    const named = step(at, not ? `!${option.name}` : option.name);
    const next = named && step(named, value);
    if (!next) return null;
    at = next;
  }
  return at.specs;
}

function step(at: Said, word: string): Said | null {
  const known = at.next.get(word);
  if (known) return known;
  if (kept >= MOST) return null;
  kept++;
  const made = nothing();
  // A copy of its own: otherwise the whole file would be kept with it.
  at.next.set(['', word].join(''), made);
  return made;
}
