/** Sets, maps and their elements, with the kernel's answers. */
import { compareElems, merge } from '../../linux/netfilter/nft/intervals.ts';
import type { NftElem, NftExpr, NftSet, NftStmt } from '../../linux/netfilter/nft/types.ts';
import { usesSet } from '../../linux/netfilter/nft/uses.ts';
import { takeHandle } from '../../linux/netfilter/tables.ts';
import type { NfTable } from '../../linux/netfilter/types.ts';
import type { Raw, RawSet, RawType } from './ast.ts';
import type { Batch } from './batch.ts';
import type { Command } from './command.ts';
import { EvalContext } from './context.ts';
import { NftError } from './cursor.ts';
import { typeOf } from './datatypes.ts';
import { evalElements, overlap, type PlacedElem } from './eval-elements.ts';
import { evalExpr, typesOf } from './eval-expr.ts';
import { evalState } from './eval-state.ts';
import type { Typed } from './eval-value.ts';
import { kernelError, missingSet, missingTable } from './missing.ts';

interface Key {
  types: Typed[];
  of?: NftExpr;
}

function keyOf(raw: RawType, c: EvalContext): Key {
  if ('types' in raw) return { types: raw.types.map((type) => ({ type, bits: typeOf(type).bits })) };
  const of = evalExpr(raw.of, c);
  return { types: typesOf(of), of };
}

function checkTypes(key: Key, raw: RawSet, what: string): void {
  const bad = key.types.find(
    (t) => t.bits === 0 || (t.type === 'integer' && !key.of) || (t.type === 'string' && !key.of),
  );
  if (bad)
    throw new NftError(
      `unqualified type ${bad.type} specified in ${what} definition. Try "typeof expression" instead of "type datatype".`,
      raw.span,
    );
}

/** A definition made into a set, with its first elements. */
function define(cmd: Command, raw: RawSet, c: EvalContext): { set: NftSet; elems: PlacedElem[] } {
  const what = raw.map ? 'map' : 'set';
  const interval = raw.flags.includes('interval');
  if (raw.autoMerge && !interval) throw new NftError('auto-merge only works with interval sets', raw.span);
  if (!raw.key)
    throw new NftError(`${raw.data || raw.object ? 'map' : 'set'} definition does not specify key`, raw.span);
  const key = keyOf(raw.key, c);
  checkTypes(key, raw, what);
  let data: Key | 'verdict' | null = null;
  if (raw.map && !raw.object) {
    if (!raw.data) throw new NftError('map definition does not specify mapping data type', raw.span);
    data = raw.data === 'verdict' ? 'verdict' : keyOf(raw.data, c);
    if (data !== 'verdict') checkTypes(data, raw, what);
  }
  const set: NftSet = {
    name: cmd.name,
    handle: 0,
    types: key.types.map((t) => t.type),
    bits: key.types.map((t) => t.bits),
    data: data === 'verdict' ? ['verdict'] : data ? data.types.map((t) => t.type) : null,
    interval,
    timed: raw.flags.includes('timeout') || raw.timeout > 0,
    constant: raw.flags.includes('constant'),
    dynamic: raw.flags.includes('dynamic'),
    timeout: raw.timeout,
    gcInterval: raw.gcInterval,
    size: raw.size,
    autoMerge: raw.autoMerge,
    comment: raw.comment ?? '',
    stmts: raw.stmts.map((s) => evalState(s) as NftStmt),
    elems: [],
  };
  if (key.of) set.typeofKey = key.of;
  if (data && data !== 'verdict') {
    set.dataBits = data.types.map((t) => t.bits);
    if (data.of) set.typeofData = data.of;
  }
  if (raw.dataInterval) set.dataInterval = true;
  if (raw.object) set.object = raw.object;
  if (raw.policy) set.policy = raw.policy;
  const elems = raw.elems ? readElems(raw.elems, set, c, false) : [];
  if (interval && set.types.length === 1) within(elems, set, c);
  return { set, elems };
}

function readElems(raw: Raw, set: NftSet, c: EvalContext, keysOnly: boolean): PlacedElem[] {
  if (raw.k !== 'set')
    throw new NftError(
      `Set ${set.name}: Unexpected initial type ${raw.k === 'sym' ? 'symbol' : raw.k}, missing { }?`,
      raw.span,
    );
  const types = set.types.map((type, i) => ({ type, bits: set.bits[i] ?? typeOf(type).bits }));
  const data =
    set.data &&
    (set.data[0] === 'verdict'
      ? 'verdict'
      : set.data.map((type, i) => ({ type, bits: set.dataBits?.[i] ?? typeOf(type).bits })));
  return evalElements(raw, types, data as never, c, {
    interval: set.interval,
    map: set.data !== null || set.object !== undefined,
    objects: set.object !== undefined,
    keysOnly: true || keysOnly,
  }).elems;
}

/** Intervals named together must not overlap each other. */
function within(elems: PlacedElem[], set: NftSet, c: EvalContext): void {
  if (set.autoMerge) return;
  const sorted = [...elems]
    .sort(compareElems)
    .filter((e, i, all) => i === 0 || compareElems(e, all[i - 1] as NftElem) !== 0);
  overlap(sorted, c, 'conflicting intervals specified');
}

export function addSet(batch: Batch, cmd: Command): void {
  const table = batch.find(cmd);
  if (!table) throw missingTable(batch.ns, cmd.table, cmd.tableSpan, 'nft');
  const c = new EvalContext(batch.env, cmd.family, table);
  const raw = cmd.set as RawSet;
  const { set, elems } = define(cmd, raw, c);
  const old = table.sets?.get(cmd.name);
  batch.toKernel(() => {
    if (old) {
      const same =
        old.types.join() === set.types.join() && String(old.data) === String(set.data) && old.interval === set.interval;
      if (cmd.verb === 'create' || !same) throw kernelError('File exists', cmd.nameSpan);
    } else {
      // No backend has intervals that rules may add.
      if (set.dynamic && set.interval) throw kernelError('Operation not supported', cmd.span);
      if (set.gcInterval > 0 && !set.timed) {
        const refused = kernelError('Invalid argument', cmd.span);
        if (elems.length === 0) throw refused;
        // Its elements are asked for all the same.
        batch.answers.push(refused);
        throw kernelError('No such file or directory', raw.span);
      }
      table.sets = new Map(table.sets ?? []);
      set.handle = takeHandle(table);
      table.sets.set(cmd.name, set);
      batch.echo({ verb: 'add', object: raw.map ? 'map' : 'set', table, set });
    }
    insert(batch, table, old ?? set, elems, 'add', c);
  });
}

export function removeSet(batch: Batch, cmd: Command): void {
  const table = batch.find(cmd);
  const map = cmd.object === 'map';
  if (cmd.verb === 'flush') {
    if (!table) throw missingTable(batch.ns, cmd.table, cmd.tableSpan, 'nft');
    const set = table.sets?.get(cmd.name);
    if (!set || (set.data !== null || set.object !== undefined) !== map) {
      if (!set) throw missingSet(batch.ns, cmd.name, cmd.nameSpan, 'nft');
      throw new NftError('No such file or directory', cmd.nameSpan);
    }
    batch.toKernel(() => {
      set.elems = [];
    });
    return;
  }
  batch.toKernel(() => {
    if (!table) throw missingSet(batch.ns, cmd.name, cmd.tableSpan, 'kernel', cmd);
    const set =
      cmd.handle === undefined
        ? table.sets?.get(cmd.name)
        : [...(table.sets?.values() ?? [])].find((s) => s.handle === cmd.handle);
    if (!set) {
      if (cmd.handle !== undefined) throw kernelError('No such file or directory', cmd.handleSpan ?? cmd.span);
      throw missingSet(batch.ns, cmd.name, cmd.nameSpan, 'kernel', cmd);
    }
    if (usesSet(table, set.name)) throw kernelError('Device or resource busy', cmd.handleSpan ?? cmd.nameSpan);
    table.sets = new Map(table.sets);
    table.sets.delete(set.name);
  });
}

/** The set of an element command. */
export function setOf(batch: Batch, cmd: Command): { table: NfTable; set: NftSet } {
  const table = batch.find(cmd);
  if (!table) throw missingTable(batch.ns, cmd.table, cmd.tableSpan, 'nft');
  const set = table.sets?.get(cmd.name);
  if (!set) throw missingSet(batch.ns, cmd.name, cmd.nameSpan, 'nft');
  return { table, set };
}

export function onElements(batch: Batch, cmd: Command): void {
  const { table, set } = setOf(batch, cmd);
  const c = new EvalContext(batch.env, cmd.family, table);
  const elems = readElems(cmd.elems as Raw, set, c, cmd.verb !== 'add');
  if (cmd.verb === 'delete') {
    if (set.interval && set.types.length === 1) {
      for (const e of elems)
        if (!set.elems.some((x) => same(x, e))) throw new NftError('element does not exist', e.keySpan);
    }
    batch.toKernel(() => {
      for (const e of elems) {
        const at = set.elems.findIndex((x) => same(x, e));
        if (at < 0) throw kernelError('No such file or directory', e.keySpan);
        set.elems = set.elems.filter((_, i) => i !== at);
      }
    });
    return;
  }
  if (set.interval && set.types.length === 1) {
    within(elems, set, c);
    if (!set.autoMerge) {
      for (const e of elems) {
        if (set.elems.some((x) => !same(x, e) && crosses(x, e)))
          throw new NftError('interval overlaps with an existing one', e.keySpan);
      }
    }
  }
  batch.toKernel(() => {
    insert(batch, table, set, elems, cmd.verb, c);
    batch.echo({ verb: 'add', object: 'element', table, set, elems });
  });
}

/** Elements for `get element`. */
export const wantedElems = (batch: Batch, cmd: Command, table: NfTable, set: NftSet): PlacedElem[] =>
  readElems(cmd.elems as Raw, set, new EvalContext(batch.env, cmd.family, table), true);

export const same = (a: NftElem, b: NftElem): boolean => a.key.length === b.key.length && compareElems(a, b) === 0;

export const crosses = (a: NftElem, b: NftElem): boolean =>
  a.key.length > 0 &&
  b.key.length > 0 &&
  a.key.every((r, i) => {
    const other = b.key[i];
    return other !== undefined && r.lo <= other.hi && other.lo <= r.hi;
  });

const plain = (_key: string, v: unknown): unknown => (typeof v === 'bigint' ? `${v}n` : v);
const keyString = (e: NftElem): string => e.key.map((r) => `${r.lo}-${r.hi}`).join(' . ');

function insert(
  batch: Batch,
  table: NfTable,
  set: NftSet,
  elems: readonly PlacedElem[],
  verb: string,
  _c: EvalContext,
): void {
  if (elems.length === 0) return;
  const { now } = batch.env.world;
  const known = new Map(
    set.elems.filter((x) => x.expires === undefined || x.expires > now).map((x) => [keyString(x), x] as const),
  );
  const list = [...known.values()];
  for (const { span: _s, keySpan, ...e } of elems) {
    if (e.data !== undefined && !Array.isArray(e.data) && e.data.chain !== undefined && !table.chains.has(e.data.chain))
      throw kernelError('No such file or directory', keySpan);
    if (e.data !== undefined && !Array.isArray(e.data) && table.chains.get(e.data.chain ?? '')?.hook)
      throw kernelError('Operation not supported', keySpan);
    if ((set.data || set.object) && e.data === undefined) throw kernelError('Invalid argument', keySpan);
    if (set.object && Array.isArray(e.data) && !table.objects?.has(`${set.object} ${e.data[0]?.lo}`))
      throw kernelError('No such file or directory', keySpan);
    if (!set.data && !set.object && e.data !== undefined)
      throw new NftError('set is not a map', { start: -1, end: -1 });
    if (e.timeout !== undefined && !set.timed) throw kernelError('Invalid argument', keySpan);
    const old = known.get(keyString(e));
    if (old) {
      if (verb === 'create' || JSON.stringify(old.data, plain) !== JSON.stringify(e.data, plain))
        throw kernelError('File exists', keySpan);
      continue;
    }
    if (set.interval && set.types.length > 1 && list.some((x) => crosses(x, e)))
      throw kernelError('File exists', keySpan);
    if (set.size && list.length >= set.size) throw kernelError('Too many open files in system', keySpan);
    const timeout = e.timeout ?? (set.timed && set.timeout ? set.timeout : undefined);
    const made: NftElem = { ...e };
    if (timeout) {
      made.timeout = timeout;
      made.expires = now + (e.expires ?? timeout) * 1000;
    } else {
      delete made.expires;
      delete made.timeout;
    }
    if (!made.stmts && set.stmts.length) made.stmts = set.stmts.map((s) => ({ ...s }));
    known.set(keyString(e), made);
    list.push(made);
  }
  set.elems = set.autoMerge && set.types.length === 1 ? merge(list) : list;
}
