/**
 * The level-compressed trie in which the kernel keeps IPv4 routes: net/ipv4/fib_trie.c. Lookups here do not use it; it
 * is built for /proc/net/fib_trie, which shows its shape. Node sizes follow the kernel's thresholds.
 */
export interface Leaf {
  key: number;
  bits: 0;
  parent: Tnode | null;
}

export interface Tnode {
  key: number;
  /** Position of the lowest bit that the node decides on. */
  pos: number;
  bits: number;
  parent: Tnode | null;
  children: (Tnode | Leaf | null)[];
}

type Node = Tnode | Leaf;

const MAX_WORK = 10;
const isTnode = (n: Node | null | undefined): n is Tnode => !!n && n.bits > 0;

const tnode = (key: number, pos: number, bits: number): Tnode => {
  const shift = pos + bits;
  return {
    key: shift < 32 ? ((key >>> shift) << shift) >>> 0 : 0,
    pos,
    bits,
    parent: null,
    children: Array(2 ** bits).fill(null),
  };
};

const indexOf = (key: number, node: Tnode): number => (((key ^ node.key) >>> 0) / 2 ** node.pos) >>> 0;
const full = (parent: Tnode, n: Node | null): n is Tnode => isTnode(n) && n.pos + n.bits === parent.pos;

/** Empty children of a node. */
export const emptyChildren = (n: Tnode): number => n.children.filter((c) => c === null).length;
/** Children that continue right where the node ends. */
export const fullChildren = (n: Tnode): number => n.children.filter((c) => full(n, c)).length;

export class Trie {
  root: Node | null = null;

  /** Adds a key, growing and shrinking nodes as the kernel does. */
  insert(key: number): void {
    let parent: Tnode | null = null;
    let n = this.root;
    while (n) {
      const index: number = isTnode(n) ? indexOf(key, n) : (key ^ n.key) >>> 0;
      if (!isTnode(n)) {
        if (index === 0) return;
        break;
      }
      if (index >= 2 ** n.bits) break;
      parent = n;
      n = n.children[index] ?? null;
    }
    const leaf: Leaf = { key, bits: 0, parent: null };
    if (n) {
      const split = tnode(key, 31 - Math.clz32(key ^ n.key), 1);
      this.attach(parent, n.key, split);
      this.put(split, indexOf(key, split) ^ 1, n);
      parent = split;
    }
    this.attach(parent, key, leaf);
    for (let at = parent; at; ) at = this.resize(at);
  }

  private put(parent: Tnode, index: number, n: Node | null): void {
    parent.children[index] = n;
    if (n) n.parent = parent;
  }

  private attach(parent: Tnode | null, key: number, n: Node): void {
    if (parent) this.put(parent, indexOf(key, parent), n);
    else {
      this.root = n;
      n.parent = null;
    }
  }

  /** Resizes a node; answers its parent. */
  private resize(start: Tnode): Tnode | null {
    let tn = start;
    const { parent } = tn;
    const { key } = tn;
    const again = (): Node | null => (parent ? (parent.children[indexOf(key, parent)] ?? null) : this.root);
    let work = MAX_WORK;
    while (work > 0 && this.shouldInflate(tn)) {
      this.inflate(tn);
      work--;
      const now = again();
      if (!isTnode(now)) return parent;
      tn = now;
    }
    if (work !== MAX_WORK) return parent;
    while (work > 0 && this.shouldHalve(tn)) {
      this.halve(tn);
      work--;
      const now = again();
      if (!isTnode(now)) return parent;
      tn = now;
    }
    if (tn.children.length - emptyChildren(tn) < 2) {
      const only = tn.children.find((c) => c !== null);
      if (only) this.attach(parent, tn.key, only);
    }
    return parent;
  }

  private shouldInflate(tn: Tnode): boolean {
    const size = tn.children.length;
    const used = size - emptyChildren(tn) + fullChildren(tn);
    return used > 1 && tn.pos > 0 && 100 * used >= 2 * size * (tn.parent ? 50 : 30);
  }

  private shouldHalve(tn: Tnode): boolean {
    const size = tn.children.length;
    const used = size - emptyChildren(tn);
    return used > 1 && tn.bits > 1 && 100 * used < size * (tn.parent ? 25 : 15);
  }

  private inflate(old: Tnode): void {
    const tn = tnode(old.key, old.pos - 1, old.bits + 1);
    for (const [i, child] of old.children.entries()) {
      if (!child) continue;
      if (!full(old, child)) this.put(tn, indexOf(child.key, tn), child);
      else if (child.bits === 1) {
        this.put(tn, 2 * i, child.children[0] ?? null);
        this.put(tn, 2 * i + 1, child.children[1] ?? null);
      } else {
        const half = child.children.length / 2;
        const low = tnode(child.key, child.pos, child.bits - 1);
        const high = tnode((child.key | (1 << tn.pos)) >>> 0, child.pos, child.bits - 1);
        for (let j = 0; j < half; j++) {
          this.put(low, j, child.children[j] ?? null);
          this.put(high, j, child.children[j + half] ?? null);
        }
        this.put(tn, 2 * i, low);
        this.put(tn, 2 * i + 1, high);
      }
    }
    this.replace(old, tn);
  }

  private halve(old: Tnode): void {
    const tn = tnode(old.key, old.pos + 1, old.bits - 1);
    for (let i = 0; i < old.children.length; i += 2) {
      const [low, high] = [old.children[i] ?? null, old.children[i + 1] ?? null];
      if (!low || !high) {
        this.put(tn, i / 2, low ?? high);
        continue;
      }
      const pair = tnode(low.key, old.pos, 1);
      this.put(pair, 0, low);
      this.put(pair, 1, high);
      this.put(tn, i / 2, pair);
    }
    this.replace(old, tn);
  }

  private replace(old: Tnode, tn: Tnode): void {
    this.attach(old.parent, old.key, tn);
    for (let i = tn.children.length - 1; i >= 0; i--) {
      const child = tn.children[i] ?? null;
      if (full(tn, child)) this.resize(child);
    }
  }
}
