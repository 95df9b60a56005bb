/** Which keys carry which terms, both ways: plain data that is kept up to date change by change. */
export interface TermIndex {
  keys: Map<string, Set<string>>;
  terms: Map<string, readonly string[]>;
}

export const newIndex = (): TermIndex => ({ keys: new Map(), terms: new Map() });

const NONE: readonly string[] = [];

/** Terms that a key carries. */
export const termsOf = (index: TermIndex, key: string): readonly string[] => index.terms.get(key) ?? NONE;

/** Keys that carry a term, in order of their coming. */
export const keysOf = (index: TermIndex, term: string): readonly string[] => [...(index.keys.get(term) ?? NONE)];

/** How many keys carry a term. */
export const countOf = (index: TermIndex, term: string): number => index.keys.get(term)?.size ?? 0;

/** Sets the terms of a key; none takes it out. */
export function setTerms(index: TermIndex, key: string, terms: readonly string[]): void {
  const old = termsOf(index, key);
  if (old.length === terms.length && old.every((term, i) => term === terms[i])) return;
  for (const term of old) {
    if (terms.includes(term)) continue;
    const keys = index.keys.get(term);
    keys?.delete(key);
    if (keys?.size === 0) index.keys.delete(term);
  }
  for (const term of terms) {
    const keys = index.keys.get(term);
    if (keys) keys.add(key);
    else index.keys.set(term, new Set([key]));
  }
  if (terms.length > 0) index.terms.set(key, terms);
  else index.terms.delete(key);
}
