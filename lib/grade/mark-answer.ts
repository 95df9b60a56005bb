/** Marks an answer to a question: the same rule in the browser, at once, and on the server, for what is kept. */

export type Answerable =
  | { kind: 'single' | 'multiple'; options: readonly { id: string; correct: boolean }[] }
  | { kind: 'order'; items: readonly { id: string }[] }
  | { kind: 'type'; answers: readonly string[] };

/** White space folded: what is typed and what is accepted are compared so. */
export const foldSpace = (text: string): string => text.trim().replace(/\s+/g, ' ');

/**
 * Whether `given` is right. It holds option ids (`single`, `multiple`: in any order), item ids in the order given
 * (`order`), or one text (`type`).
 */
export function markAnswer(question: Answerable, given: readonly string[]): boolean {
  switch (question.kind) {
    case 'single':
    case 'multiple': {
      const right = question.options.filter((option) => option.correct).map((option) => option.id);
      return given.length === right.length && right.every((id) => given.includes(id));
    }
    case 'order':
      return given.length === question.items.length && question.items.every((item, i) => item.id === given[i]);
    case 'type': {
      const [text = ''] = given;
      return given.length === 1 && question.answers.some((answer) => foldSpace(answer) === foldSpace(text));
    }
  }
}
