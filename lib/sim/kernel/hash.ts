/**
 * A hash of plain data that is the same in every host: 64 bits in two lanes, each value on its own, so that what several
 * places share is looked at once. Maps and Sets count in their order, the keys of records in none. Mixing after MurmurHash3
 * (fmix32).
 */
export function hashValue(value: unknown): string {
  memo.clear();
  write(value);
  const text = hex(mix(high)) + hex(mix(low));
  memo.clear();
  return text;
}

/** The hash of what was written last. */
let high = 0;
let low = 0;
/** Directories by identity: containers share them. */
const memo = new Map<object, { high: number; low: number }>();

/** Long strings come back in every hash: the texts of files. Bounded by their length. */
const strings = new Map<string, { high: number; low: number }>();
const LONG = 24;
const STRINGS_SIZE = 1 << 20;
let stringsSize = 0;

const hex = (h: number): string => (h >>> 0).toString(16).padStart(8, '0');

function mix(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}

const TYPES = {
  null: 1,
  undefined: 2,
  boolean: 3,
  number: 4,
  string: 5,
  bigint: 6,
  function: 7,
  array: 8,
  map: 9,
  set: 10,
  record: 11,
};

function put(a: number, b: number): void {
  high = a;
  low = b;
}

/** A number: whole ones by their two halves, others by their text. */
function writeNumber(value: number): void {
  if (!Number.isSafeInteger(value)) {
    writeText(String(value), TYPES.number);
    return;
  }
  const top = Math.floor(value / 2 ** 32);
  const a = Math.imul((value | 0) ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(top + TYPES.number, 0xc2b2ae35);
  put(a ^ (a >>> 15), Math.imul(a, 0x27d4eb2f) ^ Math.imul(top ^ (value | 0), 0x165667b1) ^ (a >>> 13));
}

function writeText(text: string, type: number): void {
  let a = 0x811c9dc5 ^ type;
  let b = 0x9747b28c ^ text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  put(a, b);
}

function writeString(text: string): void {
  if (text.length < LONG) {
    writeText(text, TYPES.string);
    return;
  }
  const known = strings.get(text);
  if (known) {
    put(known.high, known.low);
    return;
  }
  writeText(text, TYPES.string);
  stringsSize += text.length;
  if (stringsSize > STRINGS_SIZE) {
    strings.clear();
    stringsSize = text.length;
  }
  if (text.length <= STRINGS_SIZE) strings.set(text, { high, low });
}

/** Values in their order. */
function writeList(values: Iterable<unknown>, type: number): void {
  let a = type;
  let b = ~type;
  for (const value of values) {
    write(value);
    a = Math.imul((a << 5) ^ (a >>> 27) ^ high, 0x85ebca6b);
    b = Math.imul((b << 7) ^ (b >>> 25) ^ low, 0xc2b2ae35);
  }
  put(mix(a), mix(b));
}

function writeMap(map: ReadonlyMap<unknown, unknown>): void {
  let a = TYPES.map;
  let b = ~TYPES.map;
  for (const [key, value] of map) {
    write(key);
    a = Math.imul((a << 5) ^ (a >>> 27) ^ high, 0x85ebca6b);
    b = Math.imul((b << 7) ^ (b >>> 25) ^ low, 0xc2b2ae35);
    write(value);
    a = Math.imul((a << 5) ^ (a >>> 27) ^ high, 0x85ebca6b);
    b = Math.imul((b << 7) ^ (b >>> 25) ^ low, 0xc2b2ae35);
  }
  put(mix(a), mix(b));
}

/** Own keys in no order: their hashes are added. What is undefined is not there. */
function writeRecord(record: Record<string, unknown>): void {
  let a = TYPES.record;
  let b = ~TYPES.record;
  for (const key of Object.keys(record)) {
    const value = record[key];
    if (value === undefined) continue;
    write(value);
    const x = high;
    const y = low;
    writeText(key, TYPES.record);
    a = (a + mix(Math.imul(x, 0x2c1b3c6d) ^ high)) | 0;
    b = (b + mix(Math.imul(y, 0x297a2d39) ^ low)) | 0;
  }
  put(mix(a), mix(b));
}

function write(value: unknown): void {
  switch (typeof value) {
    case 'number':
      writeNumber(value);
      return;
    case 'string':
      writeString(value);
      return;
    case 'object':
      break;
    case 'function':
      // A dynamic file's reader is behaviour, not state.
      put(TYPES.function, ~TYPES.function);
      return;
    default:
      writeText(String(value), TYPES[typeof value as 'boolean']);
      return;
  }
  if (value === null) put(TYPES.null, ~TYPES.null);
  else if (Array.isArray(value)) writeList(value, TYPES.array);
  else if (value instanceof Map) writeMap(value);
  else if (value instanceof Set) writeList(value, TYPES.set);
  else if ((value as { type?: unknown }).type === 'dir') {
    const known = memo.get(value);
    if (known) put(known.high, known.low);
    else {
      writeRecord(value as Record<string, unknown>);
      memo.set(value, { high, low });
    }
  } else writeRecord(value as Record<string, unknown>);
}
