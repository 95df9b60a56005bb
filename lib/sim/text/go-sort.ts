/**
 * Go's sort.Sort: pattern-defeating quicksort. It is not stable, so what prints a list sorted by it has equal elements in its order.
 * Source: Go 1.19+ src/sort/zsortinterface.go; Orson Peters, "Pattern-defeating Quicksort" (2021).
 */
const INSERTION = 12;
const NINTHER = 50;
const MAX_SWAPS = 12;
const MASK = (1n << 64n) - 1n;

class Sorter<T> {
  private swaps = 0;

  constructor(
    private readonly data: T[],
    private readonly before: (a: T, b: T) => boolean,
  ) {}

  private less(i: number, j: number): boolean {
    return this.before(this.data[i] as T, this.data[j] as T);
  }

  private swap(i: number, j: number): void {
    [this.data[i], this.data[j]] = [this.data[j] as T, this.data[i] as T];
  }

  private insertion(a: number, b: number): void {
    for (let i = a + 1; i < b; i++) for (let j = i; j > a && this.less(j, j - 1); j--) this.swap(j, j - 1);
  }

  private sink(low: number, high: number, first: number): void {
    for (let root = low; ; ) {
      let child = 2 * root + 1;
      if (child >= high) return;
      if (child + 1 < high && this.less(first + child, first + child + 1)) child++;
      if (!this.less(first + root, first + child)) return;
      this.swap(first + root, first + child);
      root = child;
    }
  }

  private heap(a: number, b: number): void {
    const n = b - a;
    for (let i = Math.floor((n - 1) / 2); i >= 0; i--) this.sink(i, n, a);
    for (let i = n - 1; i >= 0; i--) {
      this.swap(a, a + i);
      this.sink(0, i, a);
    }
  }

  private ordered(a: number, b: number): [number, number] {
    if (!this.less(b, a)) return [a, b];
    this.swaps++;
    return [b, a];
  }

  private median(x: number, y: number, z: number): number {
    const [low, high] = this.ordered(x, y);
    const [middle] = this.ordered(high, z);
    return this.ordered(low, middle)[1];
  }

  /** A pivot, and whether the elements looked at rise, fall, or neither. */
  private choose(a: number, b: number): { pivot: number; hint: 'rising' | 'falling' | 'none' } {
    const n = b - a;
    const quarter = Math.floor(n / 4);
    let [i, j, k] = [a + quarter, a + quarter * 2, a + quarter * 3];
    this.swaps = 0;
    if (n >= 8) {
      if (n >= NINTHER) {
        i = this.median(i - 1, i, i + 1);
        j = this.median(j - 1, j, j + 1);
        k = this.median(k - 1, k, k + 1);
      }
      j = this.median(i, j, k);
    }
    return { pivot: j, hint: this.swaps === 0 ? 'rising' : this.swaps === MAX_SWAPS ? 'falling' : 'none' };
  }

  private shuffle(a: number, b: number): void {
    const n = b - a;
    if (n < 8) return;
    let random = BigInt(n);
    const modulus = 2 ** (32 - Math.clz32(n));
    const at = a + Math.floor(n / 4) * 2 - 1;
    for (let i = 0; i < 3; i++) {
      random ^= (random << 13n) & MASK;
      random ^= random >> 7n;
      random ^= (random << 17n) & MASK;
      let other = Number(random & BigInt(modulus - 1));
      if (other >= n) other -= n;
      this.swap(at + i, a + other);
    }
  }

  /** Sorts what is nearly sorted; false when it is not. */
  private partial(a: number, b: number): boolean {
    let i = a + 1;
    for (let step = 0; step < 5; step++) {
      while (i < b && !this.less(i, i - 1)) i++;
      if (i === b) return true;
      if (b - a < NINTHER) return false;
      this.swap(i, i - 1);
      if (i - a >= 2) for (let j = i - 1; j >= 1 && this.less(j, j - 1); j--) this.swap(j, j - 1);
      if (b - i >= 2) for (let j = i + 1; j < b && this.less(j, j - 1); j++) this.swap(j, j - 1);
    }
    return false;
  }

  private partition(a: number, b: number, pivot: number): { mid: number; already: boolean } {
    this.swap(a, pivot);
    let [i, j] = [a + 1, b - 1];
    for (let first = true; ; first = false) {
      while (i <= j && this.less(i, a)) i++;
      while (i <= j && !this.less(j, a)) j--;
      if (i > j) {
        this.swap(j, a);
        return { mid: j, already: first };
      }
      this.swap(i++, j--);
    }
  }

  private partitionEqual(a: number, b: number, pivot: number): number {
    this.swap(a, pivot);
    let [i, j] = [a + 1, b - 1];
    for (;;) {
      while (i <= j && !this.less(a, i)) i++;
      while (i <= j && this.less(a, j)) j--;
      if (i > j) return i;
      this.swap(i++, j--);
    }
  }

  run(from: number, to: number, depth: number): void {
    let [a, b, limit] = [from, to, depth];
    let [balanced, partitioned] = [true, true];
    for (;;) {
      const n = b - a;
      if (n <= INSERTION || limit === 0) {
        if (n <= INSERTION) this.insertion(a, b);
        else this.heap(a, b);
        return;
      }
      if (!balanced) {
        this.shuffle(a, b);
        limit--;
      }
      let { pivot, hint } = this.choose(a, b);
      if (hint === 'falling') {
        for (let i = a, j = b - 1; i < j; ) this.swap(i++, j--);
        pivot = b - 1 - (pivot - a);
        hint = 'rising';
      }
      if (balanced && partitioned && hint === 'rising' && this.partial(a, b)) return;
      if (a > 0 && !this.less(a - 1, pivot)) {
        a = this.partitionEqual(a, b, pivot);
        continue;
      }
      const { mid, already } = this.partition(a, b, pivot);
      partitioned = already;
      const [left, right] = [mid - a, b - mid];
      balanced = Math.min(left, right) >= Math.floor(n / 8);
      if (left < right) {
        this.run(a, mid, limit);
        a = mid + 1;
      } else {
        this.run(mid + 1, b, limit);
        b = mid;
      }
    }
  }
}

/** Sorts in place by `before` (strictly less). */
export function goSort<T>(data: T[], before: (a: T, b: T) => boolean): void {
  new Sorter(data, before).run(0, data.length, 32 - Math.clz32(data.length));
}
