import { describe, expect, it } from 'vitest';
import { runStep } from '../../run-steps.ts';
import { buildScene } from '../../scene/build.ts';
import { Session } from '../../session.ts';

const machine = buildScene('flannel-vxlan', 5);
const node1 = (cmd: string, stdin?: string) => {
  const { stdout, stderr, exit } = runStep(machine, { host: 'node1', cmd, ...(stdin === undefined ? {} : { stdin }) });
  return { stdout, stderr, exit };
};

describe('ssh', () => {
  it('opens a session on the host that owns the address', () => {
    expect(node1('ssh node2 hostname; ssh root@192.168.56.10 "hostname; exit 3"; ssh gateway pwd')).toEqual({
      stdout: 'node2\ncontrol-plane\n/root\n',
      stderr: '',
      exit: 0,
    });
    expect(node1('ssh -l root -o StrictHostKeyChecking=no node2 "exit 3"').exit).toBe(3);
    expect(node1("ssh node2 'echo ${SSH_CONNECTION% *.* *} ${SSH_CONNECTION##*.}'").stdout).toMatch(
      /^192\.168\.56\.11 \d+ 12 22\n$/,
    );
  });

  it('is a connection that others see', () => {
    const seen = node1("ssh node2 'sleep 5' & sleep 1; ss -Htn state established dport = :22 | awk '{print $4}'");
    expect(seen).toEqual({ stdout: '192.168.56.12:22\n', stderr: '', exit: 0 });
    expect(
      node1('ssh node2 "conntrack -L -p tcp --dport 22 2>/dev/null | grep -c \'dst=192.168.56.12 \'"').stdout,
    ).toMatch(/^[1-9]\d*\n$/);
    expect(node1('ss -Hltn sport = :22 | sort').stdout).toBe(
      'LISTEN 0      128       [::]:22    [::]:*\nLISTEN 0      128    0.0.0.0:22 0.0.0.0:*\n',
    );
  });

  it('reads a file that is its input to the end', () => {
    expect(node1('while read h; do ssh $h hostname; done', 'node2\ngateway\n').stdout).toBe('node2\n');
    expect(node1('while read h; do ssh -n $h hostname; done', 'node2\ngateway\n').stdout).toBe('node2\ngateway\n');
    expect(node1('echo hi | ssh node2 cat').stdout).toBe('hi\n');
    expect(node1('ssh node2', 'hostname\n')).toEqual({
      stdout: 'node2\n',
      stderr: 'Pseudo-terminal will not be allocated because stdin is not a terminal.\n',
      exit: 0,
    });
  });

  it('says why it cannot connect', () => {
    const say = (text: string) => ({ stdout: '', stderr: `${text}\n`, exit: 255 });
    expect(node1('ssh node9 true')).toEqual(say('ssh: Could not resolve hostname node9: Name or service not known'));
    expect(node1('ssh -p 23 node2')).toEqual(say('ssh: connect to host node2 port 23: Connection refused'));
    expect(node1('ssh 192.168.56.77')).toEqual(say('ssh: connect to host 192.168.56.77 port 22: No route to host'));
    expect(node1('ssh bob@node2')).toEqual(say('bob@node2: Permission denied (publickey).'));
    node1('ip route add unreachable 192.168.56.12');
    expect(node1('ssh node2')).toEqual(say('ssh: connect to host node2 port 22: No route to host'));
    node1('ip route del unreachable 192.168.56.12; iptables -I OUTPUT -p tcp --dport 22 -j DROP');
    expect(node1('ssh -o ConnectTimeout=3 node2')).toEqual(
      say('ssh: connect to host node2 port 22: Connection timed out'),
    );
    expect(node1('ssh node2')).toEqual(say('ssh: connect to host node2 port 22: Connection timed out'));
    node1('iptables -D OUTPUT 1');
  });

  it('stops in the key exchange where large packets are lost', () => {
    node1('iptables -I INPUT -p tcp --sport 22 -m length --length 1000: -j DROP');
    expect(node1('timeout 20 ssh node2 hostname').exit).toBe(124);
    node1('iptables -D INPUT 1');
    expect(node1('ssh node2 hostname').stdout).toBe('node2\n');
  });

  it('logs in on a terminal and back', () => {
    const session = Session.open('flannel-vxlan', 5);
    const term = session.openTerminal('node1') as number;
    const typed = (line: string) => {
      session.type(term, line);
      session.settle(60_000_000, 100_000);
      return [session.takeOutput(term), session.machine.ttys.get(term)?.prompt?.text];
    };
    session.settle(1_000_000, 10_000);
    session.takeOutput(term);
    expect(typed('ssh node2')).toEqual(['', 'root@node2:~# ']);
    expect(typed('hostname; nosuch')).toEqual(['node2\n-bash: nosuch: command not found\n', 'root@node2:~# ']);
    session.eof(term);
    session.settle(60_000_000, 100_000);
    expect(session.takeOutput(term)).toBe('logout\nConnection to node2 closed.\n');
    expect(typed('hostname')).toEqual(['node1\n', 'root@node1:~# ']);
    typed('ssh node2');
    expect(typed('exit')).toEqual(['logout\nConnection to node2 closed.\n', 'root@node1:~# ']);
  });
});
