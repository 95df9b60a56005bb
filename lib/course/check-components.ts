/** Which components a lesson's text may use, and what each must be told: a mistake is found when the course is built. */
import { scenarioNames } from '#sim/index.ts';
import { getCatalog } from './catalog.ts';

type Attributes = Readonly<Record<string, string>>;

/** Says what is wrong, or null. */
type Rule = (attributes: Attributes) => string | null;

const anything: Rule = () => null;
const list = (text = ''): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const questions = (ids: string[]): string | null => {
  if (ids.length === 0) return 'names no question';
  const unknown = ids.find((id) => !getCatalog().questions.some((question) => question.id === id));
  return unknown === undefined ? null : `no question has the id ${unknown}`;
};

const RULES: Readonly<Record<string, Rule>> = {
  Terminal: ({ scene = '' }) => (scenarioNames.includes(scene) ? null : `unknown scene ${scene || '(none)'}`),
  PacketPath: anything,
  Predict: ({ id }) => questions(list(id)),
  Quiz: ({ ids }) => questions(list(ids)),
  Note: ({ kind = 'note' }) => (['note', 'correction', 'warning'].includes(kind) ? null : `unknown kind ${kind}`),
  Term: anything,
  Run: anything,
  Objectives: anything,
  Summary: anything,
};

interface Node {
  type: string;
  name?: string | null;
  attributes?: { type: string; name?: string; value?: unknown }[];
  children?: Node[];
  position?: { start: { line: number; column: number } };
}

function check(node: Node): void {
  if (
    (node.type === 'mdxJsxFlowElement' || node.type === 'mdxJsxTextElement') &&
    node.name &&
    /^[A-Z]/.test(node.name)
  ) {
    const attributes = Object.fromEntries(
      (node.attributes ?? []).map(({ name = '', value }) => [name, typeof value === 'string' ? value : '']),
    );
    const rule = RULES[node.name];
    const problem = rule ? rule(attributes) : 'is no component of lessons';
    const { line = 1, column = 1 } = node.position?.start ?? {};
    if (problem) throw new Error(`${line}:${column}: <${node.name}>: ${problem}`);
  }
  for (const child of node.children ?? []) check(child);
}

/** remark plugin: refuses unknown components and wrong ids. */
export const remarkCheckComponents =
  () =>
  (tree: Node): void =>
    check(tree);
