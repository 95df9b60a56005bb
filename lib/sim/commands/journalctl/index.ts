import type { Proc, Program } from '../../kernel/process.ts';
import type { JournalEntry } from '../../kernel/world.ts';
import { getopt } from '../../text/getopt.ts';
import { strftime } from '../../text/strftime.ts';
import { defineCommand } from '../contract.ts';
import { notModelled, print, printErr, waitFor } from '../io.ts';
import { optionDocs } from '../options.ts';

/** Source: systemd 252, src/journal/journalctl.c and src/shared/logs-show.c. */
const SPEC = {
  short: 'u:n::fro:xeqkb::aS:U:p:t:g:',
  long: {
    'unit=': 'u',
    'lines?': 'n',
    follow: 'f',
    reverse: 'r',
    'output=': 'o',
    catalog: 'x',
    'pager-end': 'e',
    'no-pager': 'P',
    quiet: 'q',
    dmesg: 'k',
    'boot?': 'b',
    all: 'a',
    'no-hostname': 'H',
    'since=': 'S',
    'until=': 'U',
    'priority=': 'p',
    'identifier=': 't',
    'grep=': 'g',
    'no-tail': 'T',
  },
};
const UNMODELLED = new Set(['S', 'U', 'p', 't', 'g', 'k']);
const OUTPUTS = ['short', 'cat'];
/** Lines that -f and -e begin with. */
const TAIL = { f: 10, e: 1000 };

function line(proc: Proc, e: JournalEntry, output: string, hostname: boolean): string {
  if (output === 'cat') return `${e.text}\n`;
  const at = proc.world.epoch + Math.floor(e.at / 1_000_000);
  return `${strftime('%b %d %H:%M:%S', at, 0)} ${hostname ? `${proc.hostname} ` : ''}${e.program}[${e.pid}]: ${e.text}\n`;
}

/** `-n 5`: the value is optional, but the next word counts as it when it can. */
function joinLines(words: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const takes = (word === '-n' || word === '--lines') && /^(\d+|all)$/.test(words[i + 1] ?? '');
    out.push(takes ? `--lines=${words[++i]}` : word);
  }
  return out;
}

function* run(proc: Proc): Program {
  const parsed = getopt(joinLines(proc.argv.slice(1)), SPEC);
  if (parsed.error !== undefined) {
    yield* printErr(`journalctl: ${parsed.error}\n`);
    return 1;
  }
  const has = (key: string) => parsed.options.some((o) => o.key === key);
  const last = (key: string) => parsed.options.findLast((o) => o.key === key)?.value;
  const odd = parsed.options.find((o) => UNMODELLED.has(o.key));
  if (odd) return yield* notModelled(`journalctl -${odd.key}`);
  if (parsed.operands.length > 0) return yield* notModelled(`journalctl ${parsed.operands[0]}`);
  const output = last('o') ?? 'short';
  if (!OUTPUTS.includes(output)) return yield* notModelled(`journalctl -o ${output}`);
  const count = last('n');
  if (count !== undefined && count !== 'all' && !/^\d+$/.test(count)) {
    yield* printErr(`Failed to parse lines '${count}'\n`);
    return 1;
  }
  const units = parsed.options
    .filter((o) => o.key === 'u')
    .map((o) => (o.value?.includes('.') ? o.value : `${o.value}.service`));
  const wanted = (e: JournalEntry): boolean => units.length === 0 || units.includes(e.unit);
  const all = () => (proc.host.journal ?? []).filter(wanted);
  const limit =
    count === 'all' || has('T')
      ? null
      : count !== undefined
        ? Number(count)
        : has('n') || has('f')
          ? TAIL.f
          : has('e')
            ? TAIL.e
            : null;
  const entries = limit === null ? all() : limit === 0 ? [] : all().slice(-limit);
  if (has('r')) entries.reverse();
  if (entries.length === 0 && !has('f') && !has('q')) yield* print('-- No entries --\n');
  for (const e of entries) yield* print(line(proc, e, output, !has('H')));
  if (!has('f')) return 0;
  let seen = proc.host.journal?.at(-1);
  for (;;) {
    const { host } = proc;
    yield* waitFor(() => host.journal?.at(-1) !== seen);
    const entriesNow = host.journal ?? [];
    const from = seen === undefined ? 0 : entriesNow.lastIndexOf(seen) + 1;
    seen = entriesNow.at(-1);
    for (const e of entriesNow.slice(from)) if (wanted(e)) yield* print(line(proc, e, output, !has('H')));
  }
}

export const command = defineCommand({
  name: 'journalctl',
  dir: '/usr/bin',
  summary: 'print what the units of this machine wrote',
  images: ['node'],
  options: optionDocs(
    '-u=UNIT -n=LINES -f -r -o=short|cat -x -e -q -b -a --no-pager --no-hostname --no-tail ! -S=DATE -U=DATE -p=PRIORITY -t=ID -g=PATTERN -k',
  ),
  run,
  complete: ({ words }) => (words.at(-1) === '-u' ? ['kubelet', 'containerd'] : []),
});
