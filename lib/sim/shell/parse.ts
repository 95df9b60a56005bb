/** The shell's grammar: the one place that knows the parser library. */
import { type ParsedScript, parse, type Word } from 'unbash';

export type * from 'unbash';

export interface ParseFailure {
  message: string;
  pos: number;
}

export interface Parsed {
  script: ParsedScript;
  /** What is wrong with the source, first one first. */
  errors: readonly ParseFailure[];
  /** More lines could complete it: open quotes, compound commands, here-documents. */
  incomplete: boolean;
}

/** Lines are typed again, and replayed: their trees, which nobody changes, are kept. */
const parsed = new Map<string, Parsed>();
const KEPT = 400;
const KEPT_LENGTH = 400;

/** Parses shell source. Never throws. */
export function parseSource(source: string): Parsed {
  if (source.length > KEPT_LENGTH) return parseAnew(source);
  let known = parsed.get(source);
  if (!known) {
    if (parsed.size >= KEPT) parsed.clear();
    parsed.set(source, (known = parseAnew(source)));
  }
  return known;
}

function parseAnew(source: string): Parsed {
  const script = parse(source);
  const errors = script.errors ?? nestedErrors(script);
  const end = source.trimEnd().length;
  const incomplete =
    /(?:^|[^\\])(?:\\\\)*\\\n?$/.test(source) ||
    (errors.length > 0 && errors.every((e) => isOpen(e.message, e.pos, end))) ||
    (errors.length === 0 && openHereDoc(script, source));
  return { script, errors, incomplete };
}

const isOpen = (message: string, pos: number, end: number): boolean =>
  message.startsWith('unterminated') || (message.startsWith('expected') && pos >= end);

/** Errors inside substitutions: they are parsed when they are looked at. */
function nestedErrors(_script: ParsedScript): readonly ParseFailure[] {
  return [];
}

/** Parses one word's text; null when it is not exactly one word. */
export function parseWord(text: string): Word | null {
  const [statement, more] = parse(`: ${text}`).commands;
  if (more || statement?.command.type !== 'Command') return null;
  const [word, second] = statement.command.suffix;
  return !second && word?.type === 'Word' ? word : null;
}

interface HereDocLike {
  type: string;
  delimiter?: { value: string };
  closing?: unknown;
}

/** Whether a here-document still waits for its end line. */
function openHereDoc(script: ParsedScript, source: string): boolean {
  if (!source.includes('<<')) return false;
  const stack: unknown[] = [...script.commands];
  while (stack.length > 0) {
    const node = stack.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (Array.isArray(node)) {
      stack.push(...node);
      continue;
    }
    const { type, delimiter, closing } = node as HereDocLike;
    if (type === 'HereDoc') {
      if (delimiter && !closing) return true;
      continue;
    }
    if (type === 'Word') continue;
    stack.push(...Object.values(node));
  }
  return false;
}
