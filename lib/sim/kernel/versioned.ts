/** A map that knows when it changed: what is worked out from it can be kept until it does. */
export class VersionedMap<K, V> extends Map<K, V> {
  private changes = 0;

  /** Grows with every change. */
  get version(): number {
    return this.changes;
  }

  override set(key: K, value: V): this {
    this.changes++;
    return super.set(key, value);
  }

  override delete(key: K): boolean {
    this.changes++;
    return super.delete(key);
  }

  override clear(): void {
    this.changes++;
    super.clear();
  }
}
