/** Random networks to act upon: a cable, a router between two, Pods on a bridge, two nodes with VXLAN, macvlan, a star. */
import { type Device, exec, ip, type Lab } from './lab.ts';

function attach(lab: Lab, ns: string, name: string, address: string | null, kind: Device['kind'] = 'veth'): Device {
  const device: Device = { ns, name, kind, addresses: [] };
  lab.devices.push(device);
  if (address) {
    lab.run(`${ip(ns)} addr add ${address} dev ${name} && ${ip(ns)} link set ${name} up`);
    device.addresses.push(address);
  } else lab.run(`${ip(ns)} link set ${name} up`);
  return device;
}

function cable(lab: Lab, a: [string, string, string | null], b: [string, string, string | null]): [Device, Device] {
  lab.run(
    `ip link add ${a[1]} netns ${a[0]} address ${lab.mac()} type veth peer name ${b[1]} netns ${b[0]} address ${lab.mac()}`,
  );
  return [attach(lab, ...a), attach(lab, ...b)];
}

function bridge(lab: Lab, ns: string, name: string, address: string | null): Device {
  lab.run(`${ip(ns)} link add ${name} address ${lab.mac()} type bridge`);
  return attach(lab, ns, name, address, 'bridge');
}

const forward = (lab: Lab, ns: string) =>
  lab.run(`${exec(ns)} sysctl -w net.ipv4.ip_forward=1${lab.v6 ? ' net.ipv6.conf.all.forwarding=1' : ''}`);

const v6of = (lab: Lab, device: Device, address: string) => {
  if (!lab.v6) return;
  lab.run(`${ip(device.ns)} -6 addr add ${address} dev ${device.name} nodad`);
  device.addresses.push(address);
};

function pair(lab: Lab): void {
  lab.addNamespace('h1');
  lab.addNamespace('h2');
  const [a, b] = cable(lab, ['h1', 'eth0', '10.0.1.1/24'], ['h2', 'eth0', '10.0.1.2/24']);
  v6of(lab, a, '2001:db8:1::1/64');
  v6of(lab, b, '2001:db8:1::2/64');
  if (lab.random.chance(0.5))
    cable(lab, ['h1', 'eth1', '10.0.2.1/24'], ['h2', 'eth1', lab.random.chance(0.7) ? '10.0.2.2/24' : null]);
}

function line(lab: Lab): void {
  for (const ns of ['a', 'r', 'b']) lab.addNamespace(ns);
  const [a, r0] = cable(lab, ['a', 'eth0', '10.1.0.2/24'], ['r', 'eth0', '10.1.0.1/24']);
  const [b, r1] = cable(lab, ['b', 'eth0', '10.2.0.2/24'], ['r', 'eth1', '10.2.0.1/24']);
  v6of(lab, a, '2001:db8:a::2/64');
  v6of(lab, r0, '2001:db8:a::1/64');
  v6of(lab, b, '2001:db8:b::2/64');
  v6of(lab, r1, '2001:db8:b::1/64');
  if (lab.random.chance(0.9)) forward(lab, 'r');
  lab.run(`${ip('a')} route add default via 10.1.0.1`);
  if (lab.random.chance(0.9)) lab.run(`${ip('b')} route add default via 10.2.0.1`);
  if (lab.v6) {
    lab.run(`${ip('a')} -6 route add default via 2001:db8:a::1`);
    lab.run(`${ip('b')} -6 route add default via 2001:db8:b::1`);
  }
}

function pods(lab: Lab): void {
  lab.addNamespace('n1');
  const name = lab.random.pick(['br0', 'cni0', 'docker0']);
  bridge(lab, 'n1', name, '10.244.0.1/24');
  const count = lab.random.int(1, 3);
  for (let i = 1; i <= count; i++) {
    const pod = `pod${i}`;
    lab.addNamespace(pod);
    const [eth0, port] = cable(lab, [pod, 'eth0', `10.244.0.${i + 1}/24`], ['n1', `veth${i}`, null]);
    v6of(lab, eth0, `2001:db8:244::${i + 1}/64`);
    lab.run(`${ip('n1')} link set veth${i} master ${name}`);
    port.master = name;
    if (lab.random.chance(0.3)) lab.run(`${ip('n1')} link set veth${i} type bridge_slave hairpin on`);
    lab.run(`${ip(pod)} route add default via 10.244.0.1`);
  }
  forward(lab, 'n1');
  if (lab.random.chance(0.6)) {
    lab.addNamespace('out');
    cable(lab, ['n1', 'eth0', '172.18.0.2/16'], ['out', 'eth0', '172.18.0.9/16']);
    if (lab.random.chance(0.5)) lab.run(`${ip('out')} route add 10.244.0.0/24 via 172.18.0.2`);
  }
}

function overlay(lab: Lab): void {
  for (const ns of ['n1', 'n2']) lab.addNamespace(ns);
  const [a, b] = cable(lab, ['n1', 'eth0', '172.18.0.2/16'], ['n2', 'eth0', '172.18.0.3/16']);
  const learning = lab.random.chance(0.6) ? ' nolearning' : '';
  const macs = [lab.mac(), lab.mac()];
  for (const [i, under] of [a, b].entries()) {
    const local = under.addresses[0]?.replace(/\/.*/, '');
    lab.run(
      `${ip(under.ns)} link add flannel.1 address ${macs[i]} type vxlan id 1 local ${local} dev eth0 dstport 8472${learning}`,
    );
    attach(lab, under.ns, 'flannel.1', `10.244.${i}.0/32`, 'vxlan');
  }
  for (const i of [0, 1]) {
    const [here, there] = i === 0 ? ['n1', '172.18.0.3'] : ['n2', '172.18.0.2'];
    lab.run(`${ip(here)} route add 10.244.${1 - i}.0/24 via 10.244.${1 - i}.0 dev flannel.1 onlink`);
    lab.run(`${ip(here)} neigh add 10.244.${1 - i}.0 lladdr ${macs[1 - i]} dev flannel.1 nud permanent`);
    lab.run(`${exec(here)} bridge fdb append ${macs[1 - i]} dev flannel.1 dst ${there}`);
    forward(lab, here);
    if (lab.random.chance(0.6)) {
      const pod = `p${i + 1}`;
      bridge(lab, here, 'cni0', `10.244.${i}.1/24`);
      lab.addNamespace(pod);
      const [, port] = cable(lab, [pod, 'eth0', `10.244.${i}.2/24`], [here, 'veth1', null]);
      lab.run(`${ip(here)} link set veth1 master cni0`);
      port.master = 'cni0';
      lab.run(`${ip(pod)} route add default via 10.244.${i}.1`);
    }
  }
}

function macvlans(lab: Lab): void {
  for (const ns of ['h1', 'h2', 'c1']) lab.addNamespace(ns);
  cable(lab, ['h1', 'eth0', '10.0.1.1/24'], ['h2', 'eth0', '10.0.1.2/24']);
  const mode = lab.random.pick(['bridge', 'private', 'vepa']);
  lab.run(`${ip('h1')} link add link eth0 name mv0 netns c1 address ${lab.mac()} type macvlan mode ${mode}`);
  attach(lab, 'c1', 'mv0', '10.0.1.7/24', 'macvlan');
  if (lab.random.chance(0.5)) {
    lab.addNamespace('c2');
    lab.run(`${ip('h1')} link add link eth0 name mv1 netns c2 address ${lab.mac()} type macvlan mode ${mode}`);
    attach(lab, 'c2', 'mv1', '10.0.1.8/24', 'macvlan');
  }
}

function chain(lab: Lab): void {
  const names = ['h1', 'r1', 'r2', 'h2'];
  for (const ns of names) lab.addNamespace(ns);
  for (let i = 0; i < 3; i++)
    cable(
      lab,
      [names[i] as string, i === 0 ? 'eth0' : 'eth1', `10.${i + 1}.0.1/24`],
      [names[i + 1] as string, 'eth0', `10.${i + 1}.0.2/24`],
    );
  for (const r of ['r1', 'r2']) forward(lab, r);
  lab.run(`${ip('h1')} route add default via 10.1.0.2`);
  lab.run(`${ip('r1')} route add 10.3.0.0/24 via 10.2.0.2`);
  lab.run(`${ip('r2')} route add 10.1.0.0/24 via 10.2.0.1`);
  lab.run(`${ip('h2')} route add default via 10.3.0.1`);
}

/** Builds one of the networks; in one of five with IPv6 beside IPv4. */
export function buildTopology(lab: Lab): void {
  lab.v6 = lab.random.chance(0.2);
  lab.random.weighted([
    [3, pair],
    [3, line],
    [3, pods],
    [2, overlay],
    [1, macvlans],
    [1, chain],
  ])(lab);
}
