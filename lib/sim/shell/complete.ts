/** Completion of a command line: commands, options, what a command offers itself, files, variables, hosts. */
import type { Proc } from '../kernel/process.ts';
import { builtins, KEYWORDS } from './builtins/table.ts';
import { shellOf } from './state.ts';
import { vfsOf } from './vfs/vfs.ts';

export interface Completion {
  /** Where the completed word begins in the line. */
  from: number;
  /** Whole words, sorted; a directory ends with a slash. */
  candidates: string[];
}

const MAX_CANDIDATES = 500;
const SEPARATORS = new Set(['|', ';', '&', '(', '{', '&&', '||', 'do', 'then', 'else', '!', 'time']);
/** Commands whose arguments are a command line. */
const PREFIXES = new Set(['sudo', 'env', 'watch', 'timeout', 'xargs', 'command', 'exec', 'nohup', 'time']);

/** Candidates for the word before `cursor`. */
export function complete(proc: Proc, line: string, cursor: number): Completion {
  const text = line.slice(0, cursor);
  const from = wordStart(text);
  const word = text.slice(from);
  const words = currentCommand(text.slice(0, from));
  return {
    from,
    candidates: [...new Set(candidates(proc, words, word))]
      .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      .slice(0, MAX_CANDIDATES),
  };
}

function wordStart(text: string): number {
  let start = 0;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quote !== '') {
      if (c === quote) quote = '';
    } else if (c === '\\') i++;
    else if (c === '"' || c === "'") quote = c;
    else if (/[\s|;&<>()=]/.test(c) && !(c === '=' && text[i - 1] === '-')) start = i + 1;
  }
  return start;
}

/** The words of the command under the cursor. */
function currentCommand(before: string): string[] {
  const words = before
    .replace(/([|;&(){}])/g, ' $1 ')
    .split(/\s+/)
    .filter((w) => w !== '');
  let start = 0;
  words.forEach((w, i) => {
    if (SEPARATORS.has(w)) start = i + 1;
  });
  const out = words.slice(start).filter((w) => !/^\w+=/.test(w));
  for (;;) {
    const inner = commandWithin(out);
    if (inner === 0) return out;
    out.splice(0, inner);
  }
}

/** How many words come before a nested command line: `sudo`, `ip netns exec NS`, `kubectl exec POD --`. */
function commandWithin(words: readonly string[]): number {
  const [first = ''] = words;
  if (PREFIXES.has(first)) {
    let n = 1;
    while (words[n]?.startsWith('-') || (first === 'timeout' && n === 1 && words[n] !== undefined)) n++;
    return n;
  }
  if (first === 'ip' && words[1]?.startsWith('n') && words[2]?.startsWith('e') && words.length > 3) return 4;
  const dashes = words.indexOf('--');
  if (first === 'kubectl' && words[1] === 'exec' && dashes > 0) return dashes + 1;
  return 0;
}

function candidates(proc: Proc, words: string[], word: string): string[] {
  const variable = /^(.*)\$\{?(\w*)$/.exec(word);
  if (variable) {
    const [, head = '', name = ''] = variable;
    const open = word.slice(head.length).startsWith('${') ? '${' : '$';
    const names = [...(shellOf(proc)?.vars.keys() ?? proc.env.keys())];
    return names.filter((n) => n.startsWith(name)).map((n) => `${head}${open}${n}${open === '${' ? '}' : ''}`);
  }
  const [name] = words;
  if (name === undefined) return word.includes('/') ? files(proc, word) : commandNames(proc, word);
  const command = proc.machine.commands.get(name.slice(name.lastIndexOf('/') + 1));
  const starts = (list: readonly string[]) => list.filter((c) => c.startsWith(word));
  if (name === 'ssh' && !word.startsWith('-')) return starts([...proc.world.hosts.keys()]);
  const own = command?.complete ? starts(command.complete({ proc, words, word })) : [];
  if (word.startsWith('-'))
    return [...own, ...starts((command?.options ?? []).map((o) => o.flag).filter((f) => f.startsWith('-')))];
  return own.length > 0 ? own : files(proc, word);
}

function commandNames(proc: Proc, word: string): string[] {
  const shell = shellOf(proc);
  const names = [...builtins.keys(), ...KEYWORDS, ...(shell?.functions.keys() ?? []), ...(shell?.aliases.keys() ?? [])];
  const vfs = vfsOf(proc);
  for (const dir of (proc.env.get('PATH') ?? '').split(':')) {
    const found = vfs.readdir(dir);
    if (found.ok) names.push(...found.value);
  }
  return names.filter((n) => n.startsWith(word) && /\w/.test(n));
}

function files(proc: Proc, word: string): string[] {
  const slash = word.lastIndexOf('/') + 1;
  const dir = word.slice(0, slash);
  const base = word.slice(slash);
  const vfs = vfsOf(proc);
  const path = dir.replace(/^~(?=\/)/, proc.env.get('HOME') ?? '/root');
  const names = vfs.readdir(path === '' ? '.' : path);
  if (!names.ok) return [];
  return names.value
    .filter((n) => n.startsWith(base) && (base.startsWith('.') || !n.startsWith('.')))
    .map((n) => `${dir}${n}${vfs.isDir(path + n) ? '/' : ''}`);
}
