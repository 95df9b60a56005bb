/** For tests: a table as `nft list` prints it, block by block, and what a list of nft commands makes of the same table. */
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';

/** Lines of each block by its heading; the elements of a set are one line each. */
export type Listing = Map<string, string[]>;

/** Cuts the output of `nft list table` into its blocks. */
export function blocksOf(text: string): Listing {
  const blocks: Listing = new Map();
  let block: string[] = [];
  blocks.set('table', block);
  for (const line of text.split('\n').slice(1, -2)) {
    const heading = /^\t(\S.*) \{$/.exec(line)?.[1];
    if (heading !== undefined) {
      block = [];
      blocks.set(heading, block);
    } else if (line.startsWith('\t\t\t')) block.push(...elements(line));
    else if (line.startsWith('\t\telements = { ')) block.push(...elements(line.slice('\t\telements = { '.length)));
    else if (line.trim() !== '' && line !== '\t}') block.push(line.trim());
  }
  return blocks;
}

const elements = (line: string): string[] =>
  line
    .trim()
    .replace(/( \}|,)$/, '')
    .split(', ')
    .map((text) => `element ${text}`);

/** Blocks and their lines in an order of their own, where the order says nothing. */
export const sortedListing = (listing: Listing): [string, string[]][] =>
  [...listing]
    .map(([name, lines]): [string, string[]] => [name, [...lines].sort()])
    .sort(([a], [b]) => (a < b ? -1 : 1));

const ORDER = ['table', 'set', 'map', 'chain', 'rule', 'element'];
const rank = (line: string): number => ORDER.indexOf(line.split(' ')[0] ?? '');

/** What nft lists once it was given these commands; rules of chains in `ordered` in that order. */
export function listingOf(
  rules: readonly string[],
  ordered: Readonly<Record<string, readonly string[]>>,
  family: 'ip' | 'ip6',
): Listing {
  const first = new Set(Object.values(ordered).flat());
  const lines = [...Object.values(ordered).flat(), ...rules.filter((line) => !first.has(line))];
  const script = lines
    .sort((a, b) => rank(a) - rank(b))
    .map((line) => line.replace(/^(\S+)/, `add $1 ${family} kube-proxy`))
    .join('\n');
  const machine = buildScene('bare', 1);
  const { stderr } = runStep(machine, { cmd: 'nft -f -', stdin: `${script}\n` });
  if (stderr !== '') throw new Error(stderr);
  return blocksOf(runStep(machine, { cmd: `nft list table ${family} kube-proxy` }).stdout);
}
