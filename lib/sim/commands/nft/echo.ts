/** nft -e: what was added, as the kernel tells of it. */
import type { Batch, Echo } from './batch.ts';
import { chainJson, document, type JsonItem, ruleJson, setJson, tableJson } from './json.ts';
import { elemText } from './print-expr.ts';
import { type ListOptions, ruleLine } from './print-table.ts';

function line(e: Echo, o: ListOptions): string {
  const { table } = e;
  const handle = (n: number | undefined) => (o.handles && n !== undefined ? ` # handle ${n}` : '');
  const where = `${table.family} ${table.name}`;
  switch (e.object) {
    case 'table':
      return `add table ${where}${handle(table.handle)}\n`;
    case 'chain':
      return `add chain ${where} ${e.chain?.name}${base(e)}${handle(e.chain?.handle)}\n`;
    case 'rule':
      return e.rule && e.chain
        ? `${e.verb} rule ${where} ${e.chain.name} ${ruleLine(table, e.rule, o, new Set())}${handle(e.rule.handle)}\n`
        : '';
    case 'element':
      return e.set
        ? `add element ${where} ${e.set.name} { ${(e.elems ?? []).map((x) => elemText(x, e.set?.types ?? [], e.set?.data ?? null, { ...o, family: table.family })).join(', ')} }\n`
        : '';
    default:
      return e.set
        ? `add ${e.object} ${where} ${e.set.name} { type ${e.set.types.join(' . ')}${e.set.data ? ` : ${e.set.data.join(' . ')}` : ''}; }${handle(e.set.handle)}\n`
        : '';
  }
}

function base(e: Echo): string {
  const c = e.chain;
  if (!c?.hook) return '';
  return ` { type ${c.type ?? 'filter'} hook ${c.hook.toLowerCase()} priority ${c.priority}; policy ${c.policy === 'DROP' ? 'drop' : 'accept'}; }`;
}

function item(e: Echo, o: ListOptions): JsonItem | null {
  if (e.object === 'table') return { add: tableJson(e.table) };
  if (e.object === 'chain' && e.chain) return { add: chainJson(e.table, e.chain) };
  if (e.object === 'rule' && e.chain && e.rule) return { [e.verb]: ruleJson(e.table, e.chain, e.rule, o) };
  if (e.set && e.object !== 'element') return { add: setJson(e.table, e.set, o) };
  return null;
}

/** The lines, with the new generation behind them. */
export function echoText(batch: Batch, o: ListOptions, json: boolean, pid: number): string {
  if (json) {
    const items = batch.echoes.map((e) => item(e, o)).filter((x): x is JsonItem => x !== null);
    return document(items, false);
  }
  const text = batch.echoes.map((e) => line(e, o)).join('');
  if (text === '') return '';
  return `${text}# new generation ${batch.ns.nf.committed ?? 1} by process ${pid} (nft)\n`;
}
