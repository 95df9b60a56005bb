/** nft list, get and reset. */
import type { NftObject, NftSet } from '../../linux/netfilter/nft/types.ts';
import { tableKey } from '../../linux/netfilter/tables.ts';
import type { NfChain, NfTable } from '../../linux/netfilter/types.ts';
import { crosses, same, setOf, wantedElems } from './apply-set.ts';
import type { Batch } from './batch.ts';
import type { Command } from './command.ts';
import { NftError, Unmodelled } from './cursor.ts';
import { type JsonItem, jsonChains, jsonObjects, jsonRuleset, jsonSets, jsonTables } from './json.ts';
import { ENOENT, missingObject } from './missing.ts';
import { flowtableText, objectText, setText } from './print-set.ts';
import { chainText, type ListOptions, tableText } from './print-table.ts';

export interface Answer {
  text: string;
  json: JsonItem[] | null;
  warned: Set<NfTable>;
}

/** Objects of a list by the word that asks for them. */
const OBJECTS: Readonly<Record<string, NftObject['type']>> = {
  counters: 'counter',
  quotas: 'quota',
  limits: 'limit',
  synproxys: 'synproxy',
  secmarks: 'secmark',
  'ct helpers': 'ct helper',
  'ct timeout': 'ct timeout',
  'ct expectation': 'ct expectation',
  'ct helper': 'ct helper',
};
const SINGLE = new Set([
  'counter',
  'quota',
  'limit',
  'synproxy',
  'secmark',
  'ct helper',
  'ct timeout',
  'ct expectation',
]);

export class Lister {
  readonly answer: Answer;

  constructor(
    private readonly batch: Batch,
    private readonly o: ListOptions,
    private readonly asJson: boolean,
  ) {
    this.answer = { text: '', json: asJson ? [] : null, warned: new Set() };
  }

  private get tables(): NfTable[] {
    return [...this.batch.ns.nf.tables.values()].filter((t) => t.owner === 'nft');
  }

  private of(cmd: Command): NfTable[] {
    return this.tables.filter((t) => !cmd.familyGiven || t.family === cmd.family);
  }

  /** What one command shows. */
  run(cmd: Command): void {
    const tables = this.of(cmd);
    // The kernel of the recordings tells nothing of its hooks.
    if (cmd.object === 'hooks') return;
    if (cmd.object === 'tables')
      this.out(tables.map((t) => `table ${t.family} ${t.name}\n`).join(''), () => jsonTables(tables));
    else if (cmd.object === 'ruleset') this.whole(tables);
    else if (cmd.object === 'chains') this.chains(tables);
    else if (cmd.object === 'table') this.whole([this.table(cmd)]);
    else if (cmd.object === 'chain') this.chain(cmd);
    else if (cmd.verb === 'get') this.get(cmd);
    else if (['sets', 'maps', 'meters'].includes(cmd.object)) this.sets(cmd);
    else if (['set', 'map', 'meter'].includes(cmd.object)) this.set(cmd);
    else if (cmd.object === 'flowtables' || cmd.object === 'flowtable') this.flowtables(cmd);
    else this.objects(cmd);
  }

  private out(text: string, json: () => JsonItem[]): void {
    if (this.asJson) this.answer.json?.push(...json());
    else this.answer.text += text;
  }

  private table(cmd: Command): NfTable {
    const t = this.batch.ns.nf.tables.get(tableKey(cmd.family, cmd.table));
    if (!t) throw this.absentTable(cmd);
    return t;
  }

  private absentTable(cmd: Command): NftError {
    return new NftError(ENOENT, cmd.tableSpan);
  }

  private whole(tables: readonly NfTable[]): void {
    this.out(
      this.asJson
        ? ''
        : tables
            .map((table) =>
              tableText({ table, chains: [...table.chains.values()], sets: true }, this.o, this.answer.warned),
            )
            .join(''),
      () => jsonRuleset(tables, this.o),
    );
  }

  private chains(tables: readonly NfTable[]): void {
    const one = (t: NfTable, c: NfChain) => chainText(t, c, this.o, this.answer.warned, false);
    this.out(
      tables
        .map((t) => `table ${t.family} ${t.name} {\n${[...t.chains.values()].map((c) => one(t, c)).join('')}}\n`)
        .join(''),
      () => tables.flatMap((t) => jsonChains(t, [...t.chains.values()])),
    );
  }

  private chain(cmd: Command): void {
    const table = this.table(cmd);
    const chain = table.chains.get(cmd.name);
    if (!chain) throw new NftError(ENOENT, cmd.nameSpan);
    this.out(tableText({ table, chains: [chain] }, this.o, this.answer.warned), () =>
      jsonRuleset([table], this.o, chain),
    );
  }

  private sets(cmd: Command): void {
    const wanted = (s: NftSet) =>
      cmd.object === 'meters'
        ? s.meter === true
        : !s.meter && (s.data !== null || s.object !== undefined) === (cmd.object === 'maps');
    // `list sets table T` lists those of all tables.
    const tables = cmd.ofTable ? this.tables.filter((t) => t.family === cmd.family) : this.of(cmd);
    const listed = tables.map((t) => ({ t, sets: [...(t.sets?.values() ?? [])].filter(wanted) }));
    this.out(
      listed
        .map(
          ({ t, sets }) =>
            `table ${t.family} ${t.name} {\n${sets.map((s) => setText(s, { ...this.o, family: t.family })).join('')}}\n`,
        )
        .join(''),
      () => listed.flatMap(({ t, sets }) => jsonSets(t, sets, this.o)),
    );
  }

  private set(cmd: Command): void {
    const table = this.table(cmd);
    const set = table.sets?.get(cmd.name);
    const kind = set?.meter ? 'meter' : set && (set.data !== null || set.object !== undefined) ? 'map' : 'set';
    if (!set || kind !== cmd.object) throw new NftError(ENOENT, cmd.nameSpan);
    this.one(table, set, set.elems);
    if (cmd.verb === 'reset') this.resetElems(set);
  }

  private one(table: NfTable, set: NftSet, elems: NftSet['elems']): void {
    this.out(
      `table ${table.family} ${table.name} {\n${setText(set, { ...this.o, family: table.family }, elems)}}\n`,
      () => jsonSets(table, [set], this.o, elems),
    );
  }

  private resetElems(set: NftSet): void {
    for (const e of set.elems) for (const s of e.stmts ?? []) if (s.kind === 'counter') s.packets = s.bytes = 0;
  }

  private get(cmd: Command): void {
    const { table, set } = setOf(this.batch, cmd);
    const wanted = wantedElems(this.batch, cmd, table, set);
    const alive = set.elems.filter((e) => e.expires === undefined || e.expires > this.o.now);
    const found = alive.filter((e) => wanted.some((w) => (set.interval ? crosses(w, e) : same(w, e))));
    const missing = wanted.some((w) => !alive.some((e) => (set.interval ? crosses(w, e) : same(w, e))));
    if (missing) throw new NftError(`Could not process rule: ${ENOENT}`, cmd.span);
    // `nft -j get element` writes no JSON.
    const plain = setText(set, { ...this.o, family: table.family }, found);
    this.answer.json = null;
    this.answer.text += `table ${table.family} ${table.name} {\n${plain}}\n`;
  }

  private flowtables(cmd: Command): void {
    const single = cmd.object === 'flowtable';
    const tables = single ? [this.table(cmd)] : this.of(cmd);
    const listed = tables.map((t) => ({
      t,
      fts: [...(t.flowtables?.values() ?? [])].filter((f) => !single || f.name === cmd.name),
    }));
    if (single && listed[0]?.fts.length === 0) throw new NftError(ENOENT, cmd.nameSpan);
    this.out(
      listed
        .map(
          ({ t, fts }) =>
            `table ${t.family} ${t.name} {\n${fts.map((f) => flowtableText(f, { ...this.o, family: t.family })).join('')}}\n`,
        )
        .join(''),
      () => listed.flatMap(({ t, fts }) => jsonObjects(t, [], this.o, fts)),
    );
  }

  private objects(cmd: Command): void {
    const single = SINGLE.has(cmd.object) && !cmd.ofTable;
    const type = single ? cmd.object : OBJECTS[cmd.object];
    if (!type) throw new Unmodelled(`nft list ${cmd.object}`);
    const tables = single || cmd.ofTable ? [this.table(cmd)] : this.of(cmd);
    // Where there is not one object, nft lists not even the tables.
    if (!single && tables.every((t) => !t.objects?.size)) return;
    const listed = tables.map((t) => ({
      t,
      obs: [...(t.objects?.values() ?? [])].filter((x) => x.type === type && (!single || x.name === cmd.name)),
    }));
    if (single && listed[0]?.obs.length === 0)
      throw cmd.verb === 'reset'
        ? new NftError(`Could not process rule: ${ENOENT}`, cmd.span)
        : missingObject(this.batch.ns, cmd.name, cmd.nameSpan, 'nft', cmd);
    this.out(
      listed
        .map(
          ({ t, obs }) =>
            `table ${t.family} ${t.name} {\n${obs.map((x) => objectText(x, { ...this.o, family: t.family }, t.family)).join('')}}\n`,
        )
        .join(''),
      () => listed.flatMap(({ t, obs }) => jsonObjects(t, obs, this.o)),
    );
    if (cmd.verb === 'reset') {
      for (const { obs } of listed)
        for (const x of obs) {
          if (x.stmt?.kind === 'counter') x.stmt = { kind: 'counter', packets: 0, bytes: 0 };
          if (x.stmt?.kind === 'quota') x.stmt = { ...x.stmt, used: 0 };
        }
    }
  }
}
