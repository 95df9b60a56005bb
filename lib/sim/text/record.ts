/** Plain JSON data: what an object is, and one order for its keys. */
export const isRecord = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && !Array.isArray(v);

/** A copy whose objects have their keys in order, without undefined ones: equal data becomes equal text, however it was written. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .flatMap((k) => (value[k] === undefined ? [] : [[k, sortKeys(value[k])]])),
  );
}
