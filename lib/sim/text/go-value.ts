/** JSON data as Go's fmt prints it. Source: Go src/fmt/print.go, src/strconv/ftoa.go. */
import { isRecord } from './record.ts';

const keysOf = (v: Record<string, unknown>): string[] =>
  Object.keys(v)
    .filter((k) => v[k] !== undefined)
    .sort();

/** A float64 as %v has it: `2`, `1e+06`, `0.5`. */
export function goFloat(n: number): string {
  const [digits = '', power = ''] = n.toExponential().split('e');
  const exponent = Number(power);
  if (n === 0 || (exponent >= -4 && exponent < 6)) return String(n);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** %v: `map[a:1 b:[x y]]`. `float` prints numbers as float64, which encoding/json makes of them. */
export function goText(value: unknown, float = false): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map((v) => goText(v, float)).join(' ')}]`;
  if (isRecord(value))
    return `map[${keysOf(value)
      .map((k) => `${k}:${goText(value[k], float)}`)
      .join(' ')}]`;
  return typeof value === 'number' && float ? goFloat(value) : String(value);
}

/** %#v: `map[string]interface {}{"a":1}`. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (isRecord(value))
    return `map[string]interface {}{${keysOf(value)
      .map((k) => `${JSON.stringify(k)}:${goSyntax(value[k])}`)
      .join(', ')}}`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** Its Go type, for complaints. */
export const goTypeOf = (value: unknown): string =>
  Array.isArray(value)
    ? '[]interface {}'
    : isRecord(value)
      ? 'map[string]interface {}'
      : typeof value === 'number'
        ? Number.isInteger(value)
          ? 'int64'
          : 'float64'
        : typeof value === 'boolean'
          ? 'bool'
          : typeof value;
