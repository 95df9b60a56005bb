import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Session } from '#sim/index.ts';
import { parseArgs, required, seedOf } from '../args.ts';
import { knownScenario } from './scenario.ts';

export const usage = 'shell --scenario NAME [--seed N] [--host HOST]';

/** An interactive shell in a real terminal; virtual time passes as real time does while a command runs. */
export async function shell(argv: string[]): Promise<number> {
  const args = parseArgs(argv, ['scenario', 'seed', 'host'], []);
  const session = Session.open(knownScenario(required(args, 'scenario')), seedOf(args));
  const host = args.options.get('host') ?? ([...session.machine.world.hosts.keys()][0] as string);
  const term = session.openTerminal(host, process.stdout.columns ?? 120, process.stdout.rows ?? 40);
  if (term === null) {
    process.stderr.write(`flatnet: no such host: ${host}\n`);
    return 2;
  }
  const lines: (string | null)[] = [];
  const reader = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: process.stdin.isTTY,
    completer: (text: string) => {
      const { from, candidates } = session.complete(term, text, text.length);
      return [candidates, text.slice(from)] as [string[], string];
    },
  });
  reader.on('line', (line) => lines.push(line));
  reader.on('close', () => lines.push(null));
  reader.on('SIGINT', () => session.interrupt(term));
  let shown = '';
  for (;;) {
    const { outputs, prompts, more, nextAt, now, busy } = session.pump();
    for (const { data } of outputs) process.stdout.write(data);
    const [prompt] = prompts;
    if (prompt && !busy && shown !== prompt.text) {
      reader.setPrompt(prompt.text);
      reader.prompt();
      shown = prompt.text;
    }
    if (![...session.machine.ttys.keys()].some((id) => session.alive(id))) break;
    const line = lines.shift();
    if (line !== undefined) {
      shown = '';
      if (line === null) session.eof(term);
      else session.type(term, line);
    } else if (!more) {
      const wait = busy && nextAt !== null ? Math.min(50, Math.max(0, (nextAt - now) / 1000)) : 20;
      await delay(wait);
      if (busy && nextAt !== null) session.advance(Math.min(nextAt, now + Math.max(1, wait) * 1000));
    } else await delay(0);
  }
  reader.close();
  return 0;
}
