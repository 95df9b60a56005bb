/** Prompt escapes (bash(1), PROMPTING). */
import type { Shell } from './state.ts';
import { getVar } from './vars.ts';

/** A prompt string with its escapes expanded. */
export function expandPrompt(shell: Shell, text: string): string {
  const { proc } = shell;
  const home = getVar(shell, 'HOME') ?? '';
  const cwd =
    home !== '' && (proc.cwd === home || proc.cwd.startsWith(`${home}/`))
      ? `~${proc.cwd.slice(home.length)}`
      : proc.cwd;
  const escaped = text.replace(/\\(\[|\]|.|$)/g, (_, c: string) => {
    switch (c) {
      case 'u':
        return proc.info.uid === 0 ? 'root' : (getVar(shell, 'USER') ?? '');
      case 'h':
        return proc.hostname.split('.')[0] as string;
      case 'H':
        return proc.hostname;
      case 'w':
        return cwd;
      case 'W':
        return cwd === '/' ? '/' : cwd.slice(cwd.lastIndexOf('/') + 1);
      case '$':
        return proc.info.uid === 0 ? '#' : '$';
      case 's':
        return shell.name.replace(/^.*\//, '');
      case 'j':
        return String(shell.jobs.length);
      case '!':
      case '#':
        return String(shell.history.length + 1);
      case 'v':
        return '5.2';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 'e':
        return '\x1b';
      case 'a':
        return '\x07';
      case '\\':
        return '\\';
      case '[':
      case ']':
        return '';
      default:
        return `\\${c}`;
    }
  });
  return escaped.replace(/\$\{(\w+)\}|\$(\w+|\?)/g, (_, a?: string, b?: string) => getVar(shell, a ?? b ?? '') ?? '');
}
