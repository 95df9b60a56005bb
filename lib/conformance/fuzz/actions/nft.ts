/** nft: tables, chains, rules, sets, maps, listings; over iptables' tables too. */
import { action, type Topic } from '../action.ts';
import { exec, type Lab, type NftTable } from '../lab.ts';
import { words } from '../random.ts';
import { rule } from './nft-rules.ts';

const HOOKS: Record<string, string[]> = {
  filter: ['prerouting', 'input', 'forward', 'output', 'postrouting'],
  nat: ['prerouting', 'output', 'postrouting', 'input'],
  route: ['output'],
};

function tablesOf(lab: Lab, ns: string): NftTable[] {
  let tables = lab.nft.get(ns);
  if (!tables) lab.nft.set(ns, (tables = []));
  return tables;
}

const SET_TYPES: [string, (lab: Lab) => string][] = [
  ['ipv4_addr', (lab) => lab.random.pick(['10.0.0.1', '10.0.0.1, 10.0.0.2', lab.address(), '10.0.0.300'])],
  ['inet_service', (lab) => lab.random.pick(['80', '80, 443', 'ssh', '8080'])],
  ['ifname', () => '"eth0"'],
  ['mark', (lab) => lab.random.pick(['1', '0x10, 2'])],
  ['ipv4_addr . inet_service', (lab) => `${lab.address()} . ${lab.random.pick(['80', '443'])}`],
];

function change(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const tables = tablesOf(lab, ns);
  const tool = words(exec(ns), 'nft');
  if (tables.length === 0 || random.chance(0.06)) {
    const table: NftTable = {
      family: random.weighted([
        [5, 'ip'],
        [4, 'inet'],
        [0.7, 'ip6'],
        [0.4, 'arp'],
        [0.4, 'bridge'],
      ]),
      name: random.pick(['t', 'demo', 'filter2', 'kube-proxy']),
      chains: [],
      sets: [],
    };
    if (!tables.some((t) => t.family === table.family && t.name === table.name)) tables.push(table);
    lab.run(
      words(
        tool,
        random.pick(['add', 'add', 'create']),
        'table',
        table.family,
        table.name,
        random.maybe(0.05, "'{ flags dormant; }'"),
      ),
    );
    return;
  }
  const table = random.pick(tables);
  const where = `${table.family === 'ip' && random.chance(0.3) ? '' : `${table.family} `}${table.name}`;
  const newChain = () => {
    const type = random.weighted([
      [5, 'filter'],
      [3, 'nat'],
      [0.3, 'route'],
    ]);
    const hook = random.chance(0.95)
      ? random.pick(HOOKS[type] as string[])
      : random.pick(['forward', 'nosuch', 'ingress']);
    const base = random.chance(0.6);
    const name = base ? random.pick([hook, `${type}-${hook}`]) : random.pick(['svc', 'sub', 'web', 'chain1']);
    const priority = random.pick([
      '0',
      '-100',
      'filter',
      'dstnat',
      'srcnat',
      'mangle',
      'raw',
      'filter + 5',
      '10',
      'security',
      'dstnat - 3',
    ]);
    lab.run(
      words(
        tool,
        random.pick(['add', 'add', 'create']),
        'chain',
        where,
        name,
        base
          ? `'{ type ${type} hook ${hook} priority ${priority}; ${random.maybe(
              0.5,
              () =>
                `policy ${random.weighted([
                  [5, 'accept'],
                  [0.4, 'drop'],
                ])};`,
            )} }'`
          : '',
      ),
    );
    if (!table.chains.includes(name)) table.chains.push(name);
  };
  const newSet = () => {
    const [type] = random.pick(SET_TYPES);
    const map = random.chance(0.3);
    const name = random.pick(['s1', 's2', 'blocked', 'ports', 'm1']);
    const full = map ? random.pick(['inet_service : ipv4_addr', 'ipv4_addr : verdict', 'mark : ipv4_addr']) : type;
    const extra = words(
      random.maybe(0.25, 'flags interval;'),
      random.maybe(0.1, 'flags timeout;'),
      random.maybe(0.1, 'size 100;'),
      random.maybe(0.08, 'timeout 1h;'),
      random.maybe(0.08, 'counter;'),
      random.maybe(0.05, 'comment "a set";'),
      random.maybe(0.05, 'auto-merge;'),
      random.maybe(0.05, 'gc-interval 10s;'),
    );
    const elements =
      !map && random.chance(0.3) ? `elements = { ${SET_TYPES.find(([t]) => t === type)?.[1](lab)} };` : '';
    lab.run(words(tool, 'add', map ? 'map' : 'set', where, name, `'{ type ${full}; ${words(extra, elements)} }'`));
    if (!table.sets.some((s) => s.name === name)) table.sets.push({ name, type: full, map });
  };
  if (table.chains.length === 0) {
    newChain();
    return;
  }
  const chain = random.chance(0.97) ? random.pick(table.chains) : 'nosuch';
  const set = table.sets.length > 0 ? random.pick(table.sets) : null;
  const element = set
    ? set.map
      ? set.type.startsWith('inet_service')
        ? `${random.pick([80, 443])} : 10.0.1.2`
        : set.type.endsWith('verdict')
          ? `10.0.0.${random.int(1, 4)} : ${random.pick(['accept', 'drop', `jump ${random.pick(table.chains)}`])}`
          : '1 : 10.0.0.9'
      : (SET_TYPES.find(([t]) => t === set.type)?.[1](lab) ?? '1')
    : '';
  random.weighted<() => void>([
    [
      12,
      () =>
        lab.run(
          words(
            tool,
            random.weighted([
              [8, 'add'],
              [2, 'insert'],
            ]),
            'rule',
            where,
            chain,
            random.maybe(0.06, () => `${random.pick(['position', 'index', 'handle'])} ${random.int(0, 6)}`),
            rule(lab, table),
          ),
        ),
    ],
    [3, newChain],
    [2, newSet],
    [
      set ? 4 : 0,
      () =>
        lab.run(
          words(
            tool,
            random.weighted([
              [5, 'add'],
              [1, 'delete'],
              [0.5, 'create'],
              [0.7, 'get'],
            ]),
            'element',
            where,
            set?.name ?? '',
            `'{ ${element} }'`,
          ),
        ),
    ],
    [
      1,
      () =>
        lab.run(
          words(
            tool,
            'flush',
            random.pick([`chain ${where} ${chain}`, `table ${where}`, `set ${where} ${set?.name ?? 'nosuch'}`]),
          ),
        ),
    ],
    [
      1,
      () =>
        lab.run(
          words(
            tool,
            'delete',
            random.pick([
              `chain ${where} ${chain}`,
              `set ${where} ${set?.name ?? 'nosuch'}`,
              `rule ${where} ${chain} handle ${random.int(2, 12)}`,
              `rule ${where} ${chain} handle ${random.int(2, 12)}`,
              `table ${where}x`,
            ]),
          ),
        ),
    ],
    [0.5, () => lab.run(words(tool, 'replace rule', where, chain, 'handle', random.int(2, 12), rule(lab, table)))],
    [0.5, () => lab.run(words(tool, 'rename chain', where, chain, 'renamed'))],
    [
      0.4,
      () =>
        lab.run(
          words(
            tool,
            'add',
            random.pick([
              `counter ${where} c1`,
              `quota ${where} q1 over 10 mbytes`,
              `rule ${where} ${chain} counter name c1`,
              `limit ${where} l1 rate 10/second`,
            ]),
          ),
        ),
    ],
  ])();
}

function list(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const tables = tablesOf(lab, ns);
  const table = tables.length > 0 ? random.pick(tables) : { family: 'ip', name: 'filter', chains: ['INPUT'], sets: [] };
  const where = `${table.family} ${table.name}`;
  lab.run(
    words(
      exec(ns),
      'nft',
      random.pick(['', '', '', '-a', '-a', '-n', '-s', '-j', '-nn', '-y', '-t', '-S', '-N']).replace('-N', '-nn'),
      'list',
      random.weighted([
        [4, 'ruleset'],
        [4, `table ${where}`],
        [3, `chain ${where} ${random.pick([...table.chains, 'nosuch'])}`],
        [1, 'tables'],
        [1, 'chains'],
        [1, 'sets'],
        [1, 'maps'],
        [0.5, 'tables inet'],
        [1, `set ${where} ${table.sets[0]?.name ?? 'x'}`],
        [0.5, 'counters'],
        [0.5, `map ${where} m1`],
        [0.3, 'ruleset ip'],
      ]),
    ),
  );
}

function file(lab: Lab): void {
  const { random } = lab;
  const ns = lab.ns;
  const table: NftTable = {
    family: random.pick(['ip', 'inet']),
    name: random.pick(['f1', 'f2']),
    chains: ['svc'],
    sets: [],
  };
  const rules = Array.from({ length: random.int(0, 4) }, () => `    ${rule(lab, table).replaceAll("'", '')}`);
  const text = [
    random.maybe(0.3, `flush ruleset`),
    `table ${table.family} ${table.name} {`,
    random.maybe(0.4, '  set ports { type inet_service; elements = { 80, 443 } }'),
    '  chain svc {',
    ...rules,
    '  }',
    random.maybe(
      0.7,
      `  chain pre { type ${random.pick(['nat', 'filter'])} hook prerouting priority 0; policy accept; jump svc; }`,
    ),
    random.chance(0.95) ? '}' : '',
  ]
    .filter(Boolean)
    .join('\n');
  lab.run(words(exec(ns), 'nft', random.maybe(0.1, '-c'), '-f -'), `${text}\n`);
  lab.run(words(exec(ns), 'nft list ruleset'));
  if (text.includes('flush ruleset')) lab.nft.set(ns, []);
}

export const nft: Topic = { name: 'nft', weight: 4, actions: [action(6, change), action(3, list), action(0.5, file)] };
