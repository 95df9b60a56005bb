/**
 * Labels for client components that must stay small: texts chosen on the server, passed as properties. A place for a
 * value is kept as `{name}` and filled in the browser.
 */
export type Labels<K extends string> = Readonly<Record<K, string>>;

/** A text with its places filled. */
export const fill = (text: string, values: Readonly<Record<string, string | number>>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));

/** Takes labels from a translator; each place stays as it is. */
export function labelsOf<K extends string>(
  t: (key: K, values?: Record<string, string>) => string,
  keys: readonly K[],
  places: readonly string[] = [],
): Labels<K> {
  const same = Object.fromEntries(places.map((name) => [name, `{${name}}`]));
  return Object.fromEntries(keys.map((key) => [key, t(key, same)])) as Labels<K>;
}
