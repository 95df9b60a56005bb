/**
 * Terminal blocks in lessons: a fenced block in the language `run` is executed by the engine, and what it printed is
 * what the page shows. All blocks of a lesson run in order in one world per scenario.
 *
 *     ```run scene=flannel-vxlan host=node1
 *     ip route show
 *     ```
 */
import { buildScene, runStep, type StepResult, scenarioNames } from '#sim/index.ts';

export interface RunBlock {
  scene: string;
  host: string;
  steps: { cmd: string; output: string; exit: number }[];
}

type Machine = ReturnType<typeof buildScene>;

/** The part of an mdast node that this needs. */
interface Node {
  type: string;
  lang?: string | null;
  meta?: string | null;
  value?: string;
  children?: Node[];
  position?: { start: { line: number; column: number } };
  name?: string;
  attributes?: unknown[];
}

const BOUNDS = { maxTime: 120_000_000, maxSteps: 500_000, maxOutput: 100_000 };

const option = (meta: string, name: string): string | undefined =>
  new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(meta)?.[1];

/** Both streams as a terminal would show them. */
const shown = (result: StepResult): string => result.stdout + result.stderr;

/** Runs one block in its scenario's world; `worlds` carries the worlds from block to block. */
export function executeBlock(worlds: Map<string, Machine>, meta: string, source: string): RunBlock {
  const scene = option(meta, 'scene') ?? 'flannel-vxlan';
  if (!scenarioNames.includes(scene)) throw new Error(`run block: unknown scene ${scene}`);
  let machine = worlds.get(scene);
  if (!machine) worlds.set(scene, (machine = buildScene(scene, 1)));
  const host = option(meta, 'host') ?? [...machine.world.hosts.keys()][0] ?? '';
  if (!machine.world.hosts.has(host)) throw new Error(`run block: no host ${host} in ${scene}`);
  const steps = source
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((cmd) => {
      const result = runStep(machine, { host, cmd }, BOUNDS);
      if (result.ended) throw new Error(`run block: ${cmd}: ended by its bound of ${result.ended}`);
      return { cmd, output: shown(result), exit: result.exit };
    });
  return { scene, host, steps };
}

/** remark plugin: turns `run` blocks into `<Run scene host steps="JSON"/>`. */
export function remarkRunBlocks() {
  return (tree: Node): void => {
    const worlds = new Map<string, Machine>();
    const visit = (node: Node): void => {
      if (node.type === 'code' && node.lang === 'run') {
        let block: RunBlock;
        try {
          block = executeBlock(worlds, node.meta ?? '', node.value ?? '');
        } catch (error) {
          const { line = 1, column = 1 } = node.position?.start ?? {};
          throw new Error(`${line}:${column}: ${error instanceof Error ? error.message : String(error)}`);
        }
        node.type = 'mdxJsxFlowElement';
        node.name = 'Run';
        node.children = [];
        node.attributes = [
          { type: 'mdxJsxAttribute', name: 'scene', value: block.scene },
          { type: 'mdxJsxAttribute', name: 'host', value: block.host },
          { type: 'mdxJsxAttribute', name: 'steps', value: JSON.stringify(block.steps) },
        ];
        return;
      }
      for (const child of node.children ?? []) visit(child);
    };
    visit(tree);
  };
}
