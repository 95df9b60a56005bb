/** Packets: ping, nc, traceroute, tracepath, arping, tcpdump; conntrack and /proc show what they left. */
import { action, type Topic } from '../action.ts';
import { exec, type Lab } from '../lab.ts';
import { words } from '../random.ts';

const goal = (lab: Lab): string => (lab.random.chance(0.75) ? (lab.owned()?.address ?? '10.0.1.2') : lab.address());

function ping(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  if (lab.v6 && random.chance(0.4)) {
    lab.run(words(exec(ns), random.pick(['ping -6', 'ping']), '-c1 -W1', lab.address6()));
    return;
  }
  const options = words(
    random.maybe(0.15, () => `-s ${random.pick([0, 8, 100, 1372, 1472, 1473, 2000, 4000])}`),
    random.maybe(0.1, () => `-M ${random.pick(['do', 'want', 'dont'])}`),
    random.maybe(0.1, () => `-t ${random.pick([1, 2, 3, 64, 255])}`),
    random.maybe(
      0.08,
      () =>
        `-I ${random.pick([random.pick(lab.in(ns)).name, random.pick(lab.in(ns)).addresses[0]?.replace(/\/.*/, '') ?? 'lo'])}`,
    ),
    random.maybe(0.05, () => `-Q ${random.pick(['0x10', '184'])}`),
    random
      .maybe(0.1, () => random.pick(['-n', '-q', '-v', '-D', '-O', '-r', '-b', '-R', '-p ff', '-m 1', '-U', '-4']))
      .replace('-D', '-n'),
  );
  lab.run(words(exec(ns), 'ping', random.chance(0.85) ? '-c1' : '-c2 -i0.2', '-W1', options, goal(lab)));
}

function tcp(lab: Lab): void {
  const { random } = lab;
  const server = lab.owned();
  if (!server) return;
  const port = random.pick([80, 8080, 443]);
  if (random.chance(0.5))
    lab.run(`${exec(server.ns)} ncat -lk -p ${port} --sh-exec 'echo from-${server.ns}' >/dev/null 2>&1 & sleep 0.3`);
  const client = lab.ns;
  const to = random.chance(0.8) ? server.address : goal(lab);
  lab.run(
    words(
      exec(client),
      random.pick([
        `nc -w1 -p ${lab.port()}`,
        `nc -w1 -z -v -p ${lab.port()}`,
        `nc -w1 -z -p ${lab.port()}`,
        `nc -v -w1 -p ${lab.port()}`,
      ]),
      to,
      random.pick([port, port, 80, 30080]),
    ),
  );
  if (random.chance(0.5))
    lab.run(
      words(
        exec(random.chance(0.5) ? client : lab.ns),
        'conntrack -L',
        random.pick(['', '-p tcp', '-o extended', '2>/dev/null', '-p tcp -o id', '-n', '-g', '--src-nat', '--dst-nat']),
      ),
    );
}

function udp(lab: Lab): void {
  const { random } = lab;
  const server = lab.owned();
  if (!server) return;
  const port = random.pick([53, 5353, 8053]);
  const client = lab.ns;
  if (random.chance(0.6)) {
    lab.run(
      `${exec(server.ns)} timeout 2 nc -u -l -p ${port} > /tmp/udp 2>&1 & sleep 0.3; echo -n hello | ${exec(client)} nc -u -w1 -p ${lab.port()} ${server.address} ${port}; wait; cat /tmp/udp`,
    );
  } else lab.run(`echo -n x | ${exec(client)} nc -u -w1 -p ${lab.port()} ${goal(lab)} ${port}`);
  if (random.chance(0.5))
    lab.run(
      words(exec(random.chance(0.5) ? client : lab.ns), 'conntrack -L', random.pick(['', '-p udp', '-o extended'])),
    );
}

function path(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  lab.run(
    random.weighted<() => string>([
      [
        5,
        () =>
          words(
            exec(ns),
            'traceroute',
            random.chance(0.9) ? '-n' : '',
            '-q1 -w1',
            '-m',
            random.int(2, 5),
            random.maybe(0.2, '-I'),
            random.maybe(0.15, '-T -p 80'),
            random.maybe(0.1, '-f 2'),
            random.maybe(0.05, '-s 10.0.1.1'),
            random.maybe(0.05, '-i eth0'),
            goal(lab),
            random.maybe(0.1, '100'),
          ),
      ],
      [2, () => words(exec(ns), 'tracepath', random.chance(0.8) ? '-n' : '-b', '-m 4', goal(lab))],
      [3, () => words(exec(ns), 'arping -c1 -w1', '-I', random.pick(lab.in(ns)).name, goal(lab))],
    ])(),
  );
}

function capture(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const dev = random.pick(lab.in(ns)).name;
  const other = lab.ns;
  const filter = random.pick([
    'icmp',
    'icmp',
    'arp or icmp',
    '',
    `host ${goal(lab)}`,
    'udp port 8472 or icmp',
    'ip proto 1',
    'not tcp',
    'icmp[icmptype] == 8',
    `src net 10.0.0.0/8`,
  ]);
  const count = random.int(1, 3);
  const flags = words(
    '-nn -t',
    random.maybe(0.3, '-e'),
    random.maybe(0.2, '-v'),
    random.maybe(0.1, '-q'),
    random.maybe(0.1, '-x'),
  );
  lab.run(
    `${exec(ns)} timeout 3 tcpdump ${flags} -i ${random.chance(0.9) ? dev : 'any'} -c ${count} ${filter ? `'${filter}'` : ''} > /tmp/cap 2>/dev/null & sleep 1; ${exec(other)} ping -c1 -W1 ${goal(lab)} >/dev/null; wait; cat /tmp/cap`.replace(
      / {2,}/g,
      ' ',
    ),
  );
}

function look(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  lab.run(
    words(
      exec(ns),
      random.weighted<() => string>([
        [
          4,
          () =>
            words(
              'conntrack',
              random.pick([
                '-L',
                '-L',
                '-L -p icmp',
                '-L -o extended',
                '-C',
                '-S >/dev/null',
                `-L -s ${goal(lab)}`,
                `-L -d ${goal(lab)}`,
                '-L --state ESTABLISHED',
                '-L -p tcp --dport 80',
                '-L -j',
                '-L -m 1',
                '-L -u ASSURED',
                '-L -f ipv6',
                '-L -o ktimestamp',
              ]),
            ),
        ],
        [
          1,
          () =>
            words(
              'conntrack',
              random.pick(['-F', '-D -p udp', '-D -p icmp', `-D -s ${goal(lab)}`, '-D', '-D -p tcp --dport 80']),
            ),
        ],
        [
          2,
          () =>
            `cat /proc/net/${random.pick(['route', 'arp', 'dev', 'fib_trie', 'tcp', 'udp', 'nf_conntrack', 'ip_tables_names', 'fib_triestat', 'snmp', 'raw', 'igmp', 'if_inet6', 'netstat', 'sockstat', 'dev_mcast', 'ptype', 'packet', 'unix'].slice(0, 8))}`,
        ],
        [
          1,
          () =>
            `ss ${random.pick(['-tln', '-uln', '-tan', '-H -tln', '-s', '-l -n -t -u', '-tn state listening', '-4 -tln']).replace('-s', '-tln')}`,
        ],
        [1, () => `ls /sys/class/net`],
        [0.5, () => `getent hosts localhost`],
      ])(),
    ),
  );
}

export const traffic: Topic = {
  name: 'traffic',
  weight: 4,
  actions: [action(6, ping), action(3, tcp), action(1, udp), action(1.5, path), action(0.6, capture), action(3, look)],
};
