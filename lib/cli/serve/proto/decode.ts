/**
 * Request bodies as protobuf, which typed clients prefer since 1.33, read into what the same object is as JSON. Answers stay JSON.
 * Source: k8s.io/apimachinery pkg/runtime/serializer/protobuf, protobuf's wire format (https://protobuf.dev/programming-guides/encoding/).
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0]);

interface Field {
  name: string;
  type: string;
  /** '*' repeated, '%' map, '?' pointer, '~' inlined, '' plain. */
  mark: string;
}

function load(): Map<string, Map<number, Field>> {
  const messages = new Map<string, Map<number, Field>>();
  for (const line of readFileSync(fileURLToPath(new URL('./messages.txt', import.meta.url)), 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [message = '', ...fields] = line.trim().split(' ');
    messages.set(
      message,
      new Map(
        fields.map((field) => {
          const [number, name = '', typed = ''] = field.split(':');
          const mark = /^[*%?~]/.exec(typed)?.[0] ?? '';
          return [Number(number), { name, mark, type: typed.slice(mark.length) }];
        }),
      ),
    );
  }
  return messages;
}

let messages: Map<string, Map<number, Field>> | null = null;

interface Wire {
  number: number;
  value: bigint;
  bytes: Buffer;
}

/** The fields of one message in the order in which they stand. Throws a RangeError on one that is cut off. */
function* wires(buffer: Buffer): Generator<Wire> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer.readUInt8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
      if (shift > 63n) throw new RangeError('varint');
    }
  };
  while (at < buffer.length) {
    const tag = Number(varint());
    const empty = Buffer.alloc(0);
    if ((tag & 7) === 0) yield { number: tag >> 3, value: varint(), bytes: empty };
    else if ((tag & 7) === 1) {
      at += 8;
      yield { number: tag >> 3, value: 0n, bytes: buffer.subarray(at - 8, at) };
    } else if ((tag & 7) === 2) {
      const length = Number(varint());
      if (at + length > buffer.length) throw new RangeError('length');
      at += length;
      yield { number: tag >> 3, value: 0n, bytes: buffer.subarray(at - length, at) };
    } else throw new RangeError('wire type');
  }
}

const signed = (value: bigint): number => Number(BigInt.asIntN(64, value));

function time(bytes: Buffer): string | undefined {
  const parts = [...wires(bytes)];
  const seconds = parts.find((w) => w.number === 1);
  return seconds ? new Date(signed(seconds.value) * 1000).toISOString().replace('.000Z', 'Z') : undefined;
}

function intOrString(bytes: Buffer): unknown {
  const parts = new Map([...wires(bytes)].map((w) => [w.number, w]));
  return parts.get(1)?.value === 1n ? (parts.get(3)?.bytes.toString('utf8') ?? '') : signed(parts.get(2)?.value ?? 0n);
}

function one(type: string, wire: Wire): unknown {
  switch (type) {
    case 'string':
      return wire.bytes.toString('utf8');
    case 'bytes':
      return wire.bytes.toString('base64');
    case 'int':
      return signed(wire.value);
    case 'bool':
      return wire.value !== 0n;
    case 'double':
      return wire.bytes.readDoubleLE(0);
    case 'Time':
    case 'MicroTime':
      return time(wire.bytes);
    case 'Quantity':
      return [...wires(wire.bytes)].find((w) => w.number === 1)?.bytes.toString('utf8') ?? '0';
    case 'IntOrString':
      return intOrString(wire.bytes);
    case 'RawExtension':
      return undefined;
    default:
      return message(type, wire.bytes);
  }
}

/** Go's encoder writes zeros that JSON's omitempty leaves out. */
const isZero = (value: unknown): boolean => value === '' || value === 0 || value === false;

function message(type: string, buffer: Buffer): Record<string, unknown> {
  const fields = (messages ??= load()).get(type);
  const out: Record<string, unknown> = {};
  for (const wire of wires(buffer)) {
    const field = fields?.get(wire.number);
    if (!field) continue;
    if (field.mark === '%') {
      const entry = [...wires(wire.bytes)];
      const key = entry.find((w) => w.number === 1)?.bytes.toString('utf8') ?? '';
      const value = entry.find((w) => w.number === 2) ?? { number: 2, value: 0n, bytes: Buffer.alloc(0) };
      (out[field.name] ??= {}) as Record<string, unknown>;
      (out[field.name] as Record<string, unknown>)[key] = one(field.type, value);
      continue;
    }
    const value = one(field.type, wire);
    if (field.mark === '*') ((out[field.name] ??= []) as unknown[]).push(value);
    else if (field.mark === '~') Object.assign(out, value);
    else if (value !== undefined && (field.mark === '?' || !isZero(value))) out[field.name] = value;
  }
  return out;
}

/** The JSON of a body that carries an object as protobuf; null when it is none that is known. */
export function jsonOfProtobuf(body: Buffer): string | null {
  if (!body.subarray(0, 4).equals(MAGIC)) return null;
  try {
    const envelope = new Map([...wires(body.subarray(4))].map((w) => [w.number, w.bytes]));
    const meta = new Map(
      [...wires(envelope.get(1) ?? Buffer.alloc(0))].map((w) => [w.number, w.bytes.toString('utf8')]),
    );
    const [apiVersion = '', kind = ''] = [meta.get(1), meta.get(2)];
    messages ??= load();
    const group = apiVersion.includes('/') ? (apiVersion.split(/[./]/)[0] as string) : 'core';
    const type = [`${group}.${kind}`, `meta.${kind}`].find((t) => messages?.has(t));
    if (type === undefined) return null;
    return JSON.stringify({ apiVersion, kind, ...message(type, envelope.get(2) ?? Buffer.alloc(0)) });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
