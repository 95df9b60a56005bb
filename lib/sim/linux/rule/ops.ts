/** Policy rules: RTM_NEWRULE, RTM_DELRULE. net/core/fib_rules.c, net/ipv4/fib_rules.c. */
import { notifyRule } from '../notify.ts';
import type { NetNs, NlError, Rule } from '../types.ts';

const blank: Rule = {
  priority: 0,
  not: false,
  from: null,
  to: null,
  iif: '',
  oif: '',
  tos: 0,
  fwmark: null,
  ipproto: 0,
  sport: null,
  dport: null,
  uidrange: null,
  action: 'lookup',
  table: 254,
  target: 0,
  suppressPrefixLength: -1,
  proto: 0,
};

/** A rule with everything open, looking up main. */
export const emptyRule = (): Rule => ({ ...blank });

/** The rules of a new namespace: local, main, and for IPv4 default. */
export function defaultRules(family: 4 | 6): Rule[] {
  const rules: Rule[] = [
    { ...blank, table: 255, proto: 2 },
    { ...blank, priority: 32766, table: 254, proto: 2 },
  ];
  if (family === 4) rules.push({ ...blank, priority: 32767, table: 253, proto: 2 });
  return rules;
}

/** The rules of a family, in order of priority. */
export const rulesOf = (ns: NetNs, family: 4 | 6): readonly Rule[] => (family === 4 ? ns.rules4 : ns.rules6);

/** Puts other rules in the place of a family's. */
export const setRules = (ns: NetNs, family: 4 | 6, rules: readonly Rule[]): void => {
  if (family === 4) ns.rules4 = rules;
  else ns.rules6 = rules;
};

/** What rule_exists and rule_find compare: neither looks at `not`, nor at the target of a goto. */
const SELECTORS = [
  'from',
  'to',
  'iif',
  'oif',
  'tos',
  'fwmark',
  'ipproto',
  'sport',
  'dport',
  'uidrange',
  'action',
  'table',
  'suppressPrefixLength',
  'suppressIfgroup',
  'l3mdev',
  'realms',
  'tunId',
  'proto',
] as const;

/** fib_rule_port_range_valid: from 1 below 65535, not backwards. */
const validPorts = (range: [number, number] | null): boolean =>
  !range || (range[0] > 0 && range[1] > 0 && range[1] < 0xffff && range[0] <= range[1]);

/** What fib_nl2rule refuses, of a rule to add and of one to delete. */
function malformed(
  rule: Pick<Rule, 'action' | 'target' | 'priority' | 'uidrange' | 'sport' | 'dport'>,
): NlError | null {
  const bad = (extack: string): NlError => ({ errno: 'EINVAL', extack });
  if (rule.action === 'goto' && rule.target <= rule.priority) return bad('Backward goto not supported');
  if (rule.uidrange && rule.uidrange[0] > rule.uidrange[1]) return bad('Invalid uid range');
  if (!validPorts(rule.sport)) return bad('Invalid sport range');
  return validPorts(rule.dport) ? null : bad('Invalid dport range');
}

/** What fib_nl_newrule and fib4_rule_configure refuse besides. */
function check(rules: readonly Rule[], rule: Rule): NlError | null {
  const bad = (extack: string): NlError => ({ errno: 'EINVAL', extack });
  if (rule.tos & 3) return bad('Invalid dsfield (tos): ECN bits must be 0');
  return rules.some((r) => r.priority === rule.priority && SELECTORS.every((key) => same(r[key], rule[key])))
    ? { errno: 'EEXIST' }
    : null;
}

/** fib_empty_table: the lowest that no one uses. */
function freeTable(ns: NetNs, family: 4 | 6): number {
  const tables = family === 4 ? ns.routes4 : ns.routes6;
  let id = 1;
  while (tables.has(id)) id++;
  return id;
}

const same = (a: unknown, b: unknown): boolean =>
  a === b ||
  (typeof a === 'object' &&
    typeof b === 'object' &&
    a !== null &&
    b !== null &&
    Object.entries(a).every(([k, v]) => (b as Record<string, unknown>)[k] === v));

/** fib_default_rule_pref: one less than the first rule after the one at 0. */
function defaultPriority(rules: readonly Rule[]): number {
  const second = rules[1];
  return rules.length > 1 && second && second.priority > 0 ? second.priority - 1 : 0;
}

/**
 * Adds a rule behind those of its priority; without one it goes before the first rule after 0. EEXIST for a rule
 * that is there, when `exclusive` (the priority was given).
 */
export function addRule(
  ns: NetNs,
  family: 4 | 6,
  request: Omit<Rule, 'priority'> & { priority: number | null },
): NlError | null {
  const rules = rulesOf(ns, family);
  const rule: Rule = { ...request, priority: request.priority ?? defaultPriority(rules) };
  const refused = malformed(rule) ?? check(rules, rule);
  if (refused) return refused;
  if (rule.action === 'lookup' && rule.table === 0 && !rule.l3mdev) {
    if (family === 6) return { errno: 'EINVAL', extack: 'Invalid table' };
    rule.table = freeTable(ns, family);
    (family === 4 ? ns.routes4 : ns.routes6).set(rule.table, []);
  }
  const at = rules.findIndex((r) => r.priority > rule.priority);
  setRules(ns, family, rules.toSpliced(at < 0 ? rules.length : at, 0, rule));
  notifyRule(ns, family, rule);
  return null;
}

/** Removes the first rule that agrees with everything `want` says. ENOENT when none does, EINVAL for what none can be. */
export function deleteRule(ns: NetNs, family: 4 | 6, want: Partial<Rule>): NlError | null {
  const rules = rulesOf(ns, family);
  const refused = malformed({ ...blank, ...want, priority: want.priority ?? defaultPriority(rules) });
  if (refused) return refused;
  const at = rules.findIndex((r) =>
    (['priority', ...SELECTORS] as const).every((key) => want[key] === undefined || same(want[key], r[key])),
  );
  if (at < 0) return { errno: 'ENOENT' };
  setRules(ns, family, rules.toSpliced(at, 1));
  notifyRule(ns, family, rules[at] as Rule, true);
  return null;
}
