import { describe, expect, it } from 'vitest';
import '#sim/commands/load.ts';
import { runStep } from '#sim/run-steps.ts';
import { buildScene } from '#sim/scene/build.ts';
import { Session } from '#sim/session.ts';

const run = (cmd: string, stdin?: string) => {
  const { stdout, stderr, exit } = runStep(buildScene('bare', 1), stdin === undefined ? { cmd } : { cmd, stdin });
  return [stdout, stderr, exit];
};

describe('bash -c', () => {
  // What bash 5.2 answered to the same lines.
  it.each([
    ['echo {1..3} a{x,}b "a  b" ${HOME##*/}', '1 2 3 axb ab a  b root\n', '', 0],
    ['IFS=: read a b c <<< "1:2:3:4"; echo "$a|$b|$c"', '1|2|3:4\n', '', 0],
    ['a=(1 2 3); a+=(4); echo ${a[@]} ${#a[@]} ${a[-1]} ${a[@]:1:2} ${!a[@]}', '1 2 3 4 4 4 2 3 0 1 2 3\n', '', 0],
    ['set -o pipefail; false | true; echo $?', '1\n', '', 0],
    ["trap 'echo bye' EXIT; echo hi; exit 4", 'hi\nbye\n', '', 4],
    ['set -u; echo $nope', '', 'bash: line 1: nope: unbound variable\n', 127],
    ['echo )', '', "bash: -c: line 1: syntax error near unexpected token `)'\nbash: -c: line 1: `echo )'\n", 2],
    ['if true; then', '', 'bash: -c: line 2: syntax error: unexpected end of file\n', 2],
    ['echo "abc', '', 'bash: -c: line 1: unexpected EOF while looking for matching `"\'\n', 2],
    ['echo $((1/0))', '', 'bash: line 1: 1/0: division by 0 (error token is "0")\n', 1],
    ['./nosuch', '', 'bash: line 1: ./nosuch: No such file or directory\n', 127],
    ['/tmp', '', 'bash: line 1: /tmp: Is a directory\n', 126],
    ['while read -r l; do echo "[$l]"; done < <(printf "a\\nb\\n")', '[a]\n[b]\n', '', 0],
    ['yes | head -2', 'y\ny\n', '', 0],
    ['yes > /tmp/f', '', 'yes: standard output: No space left on device\n', 1],
  ])('%s', (cmd, stdout, stderr, exit) => {
    expect(run(cmd)).toEqual([stdout, stderr, exit]);
  });

  it('ends endless loops and fork bombs by the bounds', () => {
    const machine = buildScene('bare', 1);
    const bounds = { maxTime: 1e6, maxSteps: 20_000, maxOutput: 1e6 };
    expect(runStep(machine, { cmd: 'while true; do :; done' }, bounds)).toMatchObject({ ended: 'steps', exit: 137 });
    expect(runStep(machine, { cmd: ':(){ :|:& };:' }, bounds).exit).toBe(0);
    // A machine of its own: what the fork bomb left running takes its share of the steps.
    expect(runStep(buildScene('bare', 1), { cmd: 'f() { f; }; f' }, bounds)).toMatchObject({ exit: 1 });
  });
});

describe('an interactive shell', () => {
  const open = () => {
    const session = Session.open('bare', 1);
    const term = session.openTerminal('node') as number;
    session.settle(1e9, 1e6);
    const type = (line: string) => {
      session.type(term, line);
      session.settle(1e9, 1e6);
      return session.takeOutput(term);
    };
    const prompt = () => session.pump().prompts[0]?.text;
    return { session, term, type, prompt };
  };

  it('keeps variables and directory, continues lines, lists history', () => {
    const { type, prompt } = open();
    expect(prompt()).toBe('root@node:~# ');
    expect(type('x=5; cd /tmp')).toBe('');
    expect(prompt()).toBe('root@node:/tmp# ');
    expect(type('if [ $x = 5 ]')).toBe('');
    expect(prompt()).toBe('> ');
    expect(type('then echo five; fi')).toBe('five\n');
    expect(type('nosuch')).toBe('bash: nosuch: command not found\n');
    expect(type('history 2')).toBe('    3  nosuch\n    4  history 2\n');
  });

  it('reads a here-document line by line, in a pipeline too', () => {
    const { type, prompt } = open();
    expect(type('cat <<EOF | tr a-z A-Z')).toBe('');
    expect(prompt()).toBe('> ');
    expect(type('one $((1 + 1))')).toBe('');
    expect(prompt()).toBe('> ');
    expect(type('EOF')).toBe('ONE 2\n');
    expect(prompt()).toBe('root@node:~# ');
  });

  it('survives ^C in a program, in a loop and at the prompt', () => {
    const { session, term, type, prompt } = open();
    session.type(term, 'sleep 1000; echo never');
    session.pump();
    session.interrupt(term);
    session.settle(1e9, 1e6);
    expect(session.takeOutput(term)).toBe('');
    expect(type('echo $?')).toBe('130\n');
    session.type(term, 'while true; do :; done');
    session.pump();
    session.interrupt(term);
    session.settle(1e9, 1e6);
    expect(type('echo $?')).toBe('130\n');
    type('echo "open');
    expect(prompt()).toBe('> ');
    session.interrupt(term);
    session.settle(1e9, 1e6);
    expect(prompt()).toBe('root@node:~# ');
  });

  it('completes commands, files and variables', () => {
    const { session, term } = open();
    expect(session.complete(term, 'cat /etc/hos', 12)).toEqual({
      from: 4,
      candidates: ['/etc/hostname', '/etc/hosts'],
    });
    expect(session.complete(term, 'unali', 5)).toEqual({ from: 0, candidates: ['unalias'] });
    expect(session.complete(term, 'echo $HOM', 9)).toEqual({ from: 5, candidates: ['$HOME'] });
  });
});
