/** The probing commands on two hosts joined by a cable, whole outputs as the real tools print them. */
import { beforeAll, describe, expect, it } from 'vitest';
import '../commands/load.ts';
import { buildScene, runStep } from '../index.ts';

const SETUP = [
  'for n in h1 h2; do ip netns add $n; ip -n $n link set lo up; done',
  'ip link add eth0 netns h1 type veth peer name eth0 netns h2',
  'ip -n h1 addr add 10.0.1.1/24 dev eth0; ip -n h1 link set eth0 up; ip -n h2 addr add 10.0.1.2/24 dev eth0; ip -n h2 link set eth0 up',
];
const machine = buildScene('bare', 1);
const run = (cmd: string): string => {
  const { stdout, stderr, exit } = runStep(machine, { cmd });
  return `${stdout}${stderr}${exit === 0 ? '' : `exit ${exit}\n`}`;
};
const h1 = (cmd: string): string => run(`ip netns exec h1 ${cmd}`);
const serve = (response: string): string =>
  `printf '${response}' | ip netns exec h2 nc -l -p 80 >/tmp/request & sleep 0.5; ip netns exec h1`;

beforeAll(() => {
  for (const cmd of SETUP) expect(run(cmd)).toBe('');
});

describe('curl and wget', () => {
  it('fetch, and say what went wrong', () => {
    expect(
      run(
        `${serve('HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nhi\\n')} curl -s -i -H 'X-A: b' -d 'k=v' http://10.0.1.2/x; cat /tmp/request`,
      ),
    ).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi\nPOST /x HTTP/1.1\r\nHost: 10.0.1.2\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\nX-A: b\r\nContent-Length: 3\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nk=v',
    );
    expect(
      run(
        `${serve('HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n')} curl -sSf -w '%{http_code} %{remote_port}\\n' 10.0.1.2`,
      ),
    ).toBe('404 80\ncurl: (22) The requested URL returned error: 404\nexit 22\n');
    expect(h1('curl -sS 10.0.1.2:81')).toBe(
      "curl: (7) Failed to connect to 10.0.1.2 port 81 after 0 ms: Couldn't connect to server\nexit 7\n",
    );
    expect(h1('curl -sS nosuch')).toBe('curl: (6) Could not resolve host: nosuch\nexit 6\n');
    expect(h1('curl -sS -m 1 10.0.1.99')).toBe('curl: (28) Connection timed out after 1000 milliseconds\nexit 28\n');
    expect(h1('curl --limit-rate 3 10.0.1.2')).toBe('flatnet: not modelled: curl --limit-rate\nexit 64\n');
    expect(h1('curl --foo')).toBe(
      "curl: option --foo: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\nexit 2\n",
    );
    expect(run(`${serve('HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nhi\\n')} wget -qO- 10.0.1.2`)).toBe('hi\n');
  });
});

describe('DNS tools without a server', () => {
  it('say so in their own words', () => {
    const refused = ';; communications error to 127.0.0.1#53: connection refused\n';
    expect(h1('dig +tries=1 web')).toBe(
      `${refused}\n; <<>> DiG 9.18.49-1~deb12u3-Debian <<>> +tries=1 web\n;; global options: +cmd\n;; no servers could be reached\nexit 9\n`,
    );
    expect(h1('nslookup web')).toBe(`${refused.repeat(3)};; no servers could be reached\n\nexit 1\n`);
    expect(h1('host web')).toBe(`${refused.repeat(2)};; no servers could be reached\nexit 1\n`);
    expect(h1('getent hosts localhost nope')).toBe('127.0.0.1       localhost\nexit 2\n');
  });
});

describe('traceroute', () => {
  it('checks its arguments', () => {
    expect(h1('traceroute -q 11 10.0.1.2')).toBe('no more than 10 probes per hop\nexit 2\n');
    expect(h1('traceroute -m x 10.0.1.2')).toBe("Cannot handle `-m' option with arg `x' (argc 2)\nexit 2\n");
    expect(h1('traceroute -n 10.9.9.9')).toBe(
      'traceroute to 10.9.9.9 (10.9.9.9), 30 hops max, 60 byte packets\nconnect: Network is unreachable\nexit 1\n',
    );
  });
});

describe('tcpdump', () => {
  it('prints while others send, and sums up when it is interrupted', () => {
    const capture = run(
      'ip netns exec h2 timeout 1 tcpdump -nn -t -i eth0 icmp 2>&1 & sleep 0.5; ip netns exec h1 ping -c1 -W1 10.0.1.2 >/dev/null; wait',
    );
    expect(capture.replace(/id \d+/g, 'id N')).toBe(
      'tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n' +
        'IP 10.0.1.1 > 10.0.1.2: ICMP echo request, id N, seq 1, length 64\nIP 10.0.1.2 > 10.0.1.1: ICMP echo reply, id N, seq 1, length 64\n\n' +
        '2 packets captured\n2 packets received by filter\n0 packets dropped by kernel\n',
    );
    expect(h1('tcpdump -G 5 -w f')).toBe('flatnet: not modelled: tcpdump -G\nexit 64\n');
  });
});

describe('flatnet', () => {
  it('explains the last loss', () => {
    run('ip netns exec h2 iptables -A INPUT -p tcp --dport 82 -j DROP');
    h1('curl -s -m 0.5 10.0.1.2:82');
    expect(
      run('flatnet why')
        .split('\n')
        .slice(0, 5)
        .join('\n')
        .replace(/:\d{5} /, ':P '),
    ).toBe(
      'Lost:    10.0.1.1:P → 10.0.1.2:82 TCP SYN\nWhere:   node:h2\n' +
        'Why:     ip filter INPUT rule 1 matches: -A INPUT -p tcp -m tcp --dport 82 -j DROP → DROP\nKernel:  NETFILTER_DROP\n' +
        'Look:    ip netns exec h2 iptables -t filter -L INPUT -n -v --line-numbers   (on node)',
    );
    h1('ping -c1 -W1 10.0.1.2');
    expect(run('flatnet trace')).toMatch(
      /^10\.0\.1\.1 → 10\.0\.1\.2 ICMP echo request seq 1 \(packet \d+, delivered\)\n {2}node:h1\n {4}ping sends it\n/,
    );
    expect(run('flatnet frob')).toMatch(/^Usage: flatnet why[\s\S]*exit 2\n$/);
  });
});
