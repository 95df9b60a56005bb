/**
 * The form of solution.sh and wrong/*.sh: one command a line, `# on HOST` switches the terminal, here-documents span
 * lines, other comments are for people. In wrong/*.sh a line `# fails CHECK` names the check it must fail.
 */
export interface SolutionScript {
  steps: { host?: string; cmd: string }[];
  fails: string[];
}

/** Parses such a file. */
export function parseScript(text: string): SolutionScript {
  const steps: SolutionScript['steps'] = [];
  const fails: string[] = [];
  let host: string | undefined;
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    const on = /^# on (\S+)$/.exec(line);
    const failing = /^# fails (\S+)$/.exec(line);
    if (on) host = on[1];
    else if (failing) fails.push(failing[1] as string);
    else if (line.trim() !== '' && !line.startsWith('#')) {
      let cmd = line;
      const heredoc = /<<-?\s*['"]?(\w+)['"]?/.exec(line);
      while (heredoc && i + 1 < lines.length) {
        cmd += `\n${lines[++i]}`;
        if (lines[i]?.trim() === heredoc[1]) break;
      }
      steps.push(host === undefined ? { cmd } : { host, cmd });
    }
  }
  return { steps, fails };
}
