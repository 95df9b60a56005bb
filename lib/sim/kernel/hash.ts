/**
 * A hash of plain data that is the same in every host: values are written in a canonical form (Map and Set in their
 * own order, record keys sorted) and hashed with two 32-bit FNV-1a lanes and a final mix (Fowler/Noll/Vo; fmix32 of MurmurHash3).
 */
export function hashValue(value: unknown): string {
  const lanes: [number, number] = [0x811c9dc5, 0x9747b28c];
  const feed = (text: string): void => {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      lanes[0] = Math.imul(lanes[0] ^ code, 0x01000193);
      lanes[1] = Math.imul(lanes[1] ^ code, 0x85ebca6b) ^ (lanes[1] >>> 13);
    }
  };
  write(value, feed);
  return (mix(lanes[0]) >>> 0).toString(16).padStart(8, '0') + (mix(lanes[1]) >>> 0).toString(16).padStart(8, '0');
}

function mix(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}

function write(value: unknown, feed: (text: string) => void): void {
  if (value === null || typeof value !== 'object') {
    // Functions (a dynamic file's reader) are behaviour, not state.
    feed(typeof value === 'function' ? 'f' : `${typeof value}:${String(value)};`);
  } else if (Array.isArray(value)) {
    feed('[');
    for (const item of value) write(item, feed);
    feed(']');
  } else if (value instanceof Map) {
    feed('M{');
    for (const [key, item] of value) {
      write(key, feed);
      write(item, feed);
    }
    feed('}');
  } else if (value instanceof Set) {
    feed('S{');
    for (const item of value) write(item, feed);
    feed('}');
  } else {
    feed('{');
    for (const key of Object.keys(value).sort()) {
      const item = (value as Record<string, unknown>)[key];
      if (item === undefined) continue;
      feed(`${key}=`);
      write(item, feed);
    }
    feed('}');
  }
}
