/** What a JSONPath template finds in JSON data; missing keys find nothing. Source: k8s.io/client-go util/jsonpath/jsonpath.go. */
import { goTypeOf } from '../go-value.ts';
import { isRecord } from '../record.ts';
import type { PathNode } from './parse.ts';

const MAX_VALUES = 100_000;

type Node<T extends PathNode['type']> = Extract<PathNode, { type: T }>;

const present = (input: unknown[]): unknown[] => input.filter((v) => v !== null && v !== undefined);

/** Go walks maps in random order; here it is that of their keys. */
const children = (v: unknown): unknown[] => {
  if (Array.isArray(v)) return v;
  if (typeof v === 'string') return [...v];
  if (!isRecord(v)) return [];
  return Object.keys(v)
    .sort()
    .map((k) => v[k]);
};

function array(input: unknown[], { bounds: [from, to, step] }: Node<'array'>): unknown[] {
  const out: unknown[] = [];
  for (const value of present(input)) {
    if (!Array.isArray(value)) throw new Error(`${goTypeOf(value)} is not array or slice`);
    const { length } = value;
    let [start, end] = [from.known ? from.value : 0, to.known ? to.value : length];
    if (start < 0) start += length;
    if (end < 0 || (end === 0 && to.derived)) end += length;
    if (start === end) continue;
    if (start >= length || start < 0) throw new Error(`array index out of bounds: index ${start}, length ${length}`);
    if (end > length || end < 0) throw new Error(`array index out of bounds: index ${end - 1}, length ${length}`);
    if (start > end) throw new Error(`starting index ${start} is greater than ending index ${end}`);
    const by = step.known ? step.value : 1;
    if (by <= 0) throw new Error('step must be > 0');
    for (let i = start; i < end; i += by) out.push(value[i]);
  }
  return out;
}

function recursive(input: unknown[]): unknown[] {
  const out: unknown[] = [];
  for (const value of present(input)) {
    // Characters of texts are elements to Go, whose elements are none.
    const inner = typeof value === 'string' ? [] : children(value);
    if (inner.length === 0) continue;
    out.push(value, ...recursive(inner));
    if (out.length > MAX_VALUES) throw new Error('too many values');
  }
  return out;
}

const ORDER: Record<string, (a: number | string, b: number | string) => boolean> = {
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

function passes(left: unknown, right: unknown, operator: string): boolean {
  const order = ORDER[operator];
  if (!order && operator !== '==' && operator !== '!=') throw new Error(`unrecognized filter operator ${operator}`);
  if (typeof left === 'object' || (order && typeof left === 'boolean')) throw new Error('invalid type for comparison');
  if (typeof left !== typeof right) throw new Error('incompatible types for comparison');
  if (order) return order(left as number, right as number);
  return (left === right) === (operator === '==');
}

function filter(input: unknown[], node: Node<'filter'>): unknown[] {
  const out: unknown[] = [];
  const one = (nodes: PathNode[], item: unknown): unknown[] => {
    const found = evaluate(nodes, [item]);
    if (found.length > 1) throw new Error('can only compare one element at a time');
    return found;
  };
  for (const value of input) {
    if (!Array.isArray(value)) throw new Error(`${goTypeOf(value)} is not array or slice and cannot be filtered`);
    for (const item of value) {
      if (node.operator === 'exists') {
        if (evaluate(node.left, [item]).length > 0) out.push(item);
        continue;
      }
      const left = one(node.left, item);
      if (left.length === 0) continue;
      const right = one(node.right, item);
      if (right.length > 0 && passes(left[0], right[0], node.operator)) out.push(item);
    }
  }
  return out;
}

function step(input: unknown[], node: PathNode): unknown[] {
  switch (node.type) {
    case 'list':
      return evaluate(node.nodes, input);
    case 'text':
      return [node.text];
    case 'value':
      return input.map(() => node.value);
    case 'field':
      return present(input).flatMap((v) =>
        isRecord(v) && Object.hasOwn(v, node.name) && v[node.name] !== undefined ? [v[node.name]] : [],
      );
    case 'array':
      return array(input, node);
    case 'filter':
      return filter(input, node);
    case 'wildcard':
      return present(input).flatMap(children);
    case 'recursive':
      return recursive(input);
    case 'union':
      return node.parts.flatMap((part) => evaluate(part, input));
    case 'identifier':
      throw new Error(`unrecognized identifier ${node.name}`);
  }
}

/** Values that a chain of steps selects. */
export const evaluate = (nodes: readonly PathNode[], input: unknown[]): unknown[] => {
  let values = input;
  for (const node of nodes) values = step(values, node);
  return values;
};

const keyword = (node: PathNode | undefined, name: string): boolean =>
  node?.type === 'list' && node.nodes[0]?.type === 'identifier' && node.nodes[0].name === name;

/** Results of each piece of a template, ranges unrolled. */
export function findResults(nodes: readonly PathNode[], data: unknown): unknown[][] {
  const out: unknown[][] = [];
  /** Runs from a node up to its block's end; answers where that is. */
  const block = (from: number, value: unknown, inRange: boolean, live: boolean): number => {
    let i = from;
    for (; i < nodes.length; i++) {
      const node = nodes[i] as PathNode;
      if (out.length > MAX_VALUES) throw new Error('too many values');
      if (keyword(node, 'end')) {
        if (inRange) return i;
        throw new Error('not in range, nothing to end');
      }
      if (keyword(node, 'range') && node.type === 'list') {
        const items = live ? evaluate(node.nodes.slice(1), [value]) : [];
        let end = i;
        if (items.length === 0) end = block(i + 1, null, true, false);
        for (const item of items) end = block(i + 1, item, true, live);
        // A range without its end is followed by what it repeated, once more.
        if (end < nodes.length) i = end;
      } else if (live) out.push(step([value], node));
    }
    return i;
  };
  block(0, data, false, true);
  return out;
}
