/** How full a root file system is: what ends `yes > f`. Counted from the tree when first asked, kept up afterwards. */
import type { DirNode } from './types.ts';

/** Characters one file may hold. */
export const MAX_FILE = 8 * 1024 * 1024;
/** Characters a tree may hold. */
const MAX_TREE = 32 * 1024 * 1024;
const MAX_NODES = 50_000;

interface Usage {
  chars: number;
  nodes: number;
}

const usages = new WeakMap<DirNode, Usage>();

function count(dir: DirNode, usage: Usage): Usage {
  for (const node of dir.entries.values()) {
    usage.nodes++;
    if (node.type === 'file') usage.chars += node.data.length;
    else if (node.type === 'dir') count(node, usage);
  }
  return usage;
}

/** Takes `chars` and `nodes` (either may be negative) from the tree's room; false when there is not enough: ENOSPC. */
export function takeSpace(root: DirNode, chars: number, nodes = 0): boolean {
  let usage = usages.get(root);
  if (!usage) {
    usage = count(root, { chars: 0, nodes: 0 });
    usages.set(root, usage);
  }
  if (chars > 0 && usage.chars + chars > MAX_TREE) return false;
  if (nodes > 0 && usage.nodes + nodes > MAX_NODES) return false;
  usage.chars += chars;
  usage.nodes += nodes;
  return true;
}
