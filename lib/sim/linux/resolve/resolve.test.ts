import { describe, expect, it } from 'vitest';
import type { DnsMessage } from '../../packet/packet.ts';
import { searchNames } from './ask.ts';
import { parseHosts, parseResolvConf } from './config.ts';
import { questionLine, recordLine } from './master.ts';
import { parseAton, reverseName } from './resolve.ts';
import { serviceName, servicePort } from './services.ts';
import { decodeDns, encodeDns, makeQuery, validName } from './wire.ts';

const POD =
  'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n';

describe('resolver files', () => {
  it('reads resolv.conf as glibc does', () => {
    expect(parseResolvConf(POD)).toEqual({
      nameservers: [0x0a60000a],
      search: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
      ndots: 5,
      timeout: 5,
      attempts: 2,
      useTcp: false,
      singleRequest: false,
    });
    expect(parseResolvConf('').nameservers).toEqual([0x7f000001]);
  });

  it('reads hosts', () => {
    expect(parseHosts('127.0.0.1\tlocalhost lo # me\n# no\n10.0.0.1\n::1 ip6\n')).toEqual([
      { ip: 0x7f000001, names: ['localhost', 'lo'] },
      { ip: 1n, names: ['ip6'] },
    ]);
  });

  it('orders names by ndots', () => {
    const conf = parseResolvConf(POD);
    expect(searchNames(conf, 'web', true)).toEqual([
      'web.default.svc.cluster.local.',
      'web.svc.cluster.local.',
      'web.cluster.local.',
      'web.',
    ]);
    expect(searchNames(conf, 'a.b.c.d.e.f', true)[0]).toBe('a.b.c.d.e.f.');
    expect(searchNames(conf, 'web.', true)).toEqual(['web.']);
  });

  it('takes addresses as inet_aton and makes reverse names', () => {
    expect(['10.0.0.1', '10.1', '0x7f.1', '010.0.0.1', '256.1.1.1', 'a', '1.2.3.4.5'].map(parseAton)).toEqual([
      0x0a000001,
      0x0a000001,
      0x7f000001,
      0x08000001,
      null,
      null,
      null,
    ]);
    expect(reverseName(0x0a60000a)).toBe('10.0.96.10.in-addr.arpa.');
  });

  it('knows services', () => {
    expect([
      serviceName(80, 'tcp'),
      serviceName(53, 'udp'),
      serviceName(80, 'udp'),
      servicePort('www')?.port,
      servicePort('nope'),
    ]).toEqual(['http', 'domain', null, 80, null]);
  });
});

describe('DNS wire format', () => {
  const query = makeQuery(7, 'web.default.svc.cluster.local', 'A', {
    edns: { size: 1232, cookie: '0102030405060708' },
  });
  const answer: DnsMessage = {
    ...query,
    response: true,
    aa: true,
    answer: [{ name: query.question.name, type: 'A', ttl: 30, data: '10.96.10.10' }],
    authority: [
      {
        name: 'cluster.local.',
        type: 'SOA',
        ttl: 30,
        data: 'ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 30',
      },
    ],
    additional: [
      { name: 'a.', type: 'SRV', ttl: 5, data: '0 100 80 web.' },
      { name: 'a.', type: 'AAAA', ttl: 5, data: 'fd00::1' },
      { name: 'a.', type: 'TXT', ttl: 5, data: '"1.1.0"' },
      { name: 'a.', type: 'MX', ttl: 5, data: '10 mail.' },
    ],
  };

  it('has the sizes CoreDNS logs', () => {
    const { edns: _opt, ...plain } = query;
    expect(encodeDns(plain).length).toBe(47);
    expect(encodeDns({ ...plain, response: true, answer: answer.answer }).length).toBe(92);
    expect(encodeDns({ ...query, response: true, answer: answer.answer }).length).toBe(115);
  });

  it('reads what it wrote, and survives noise', () => {
    expect(decodeDns(encodeDns(answer))).toEqual(answer);
    for (let cut = 0; cut < 100; cut++) decodeDns(encodeDns(answer).slice(0, cut));
    expect(decodeDns('\xc0'.repeat(600))).toBeNull();
    expect([validName('a..b'), validName(`${'x'.repeat(64)}.y`), validName('.')]).toEqual([false, false, true]);
  });

  it('prints records in dig columns', () => {
    expect([
      questionLine('web.', 'A'),
      questionLine('web.default.svc.cluster.local.', 'A'),
      recordLine({ name: 'example.com.', type: 'A', ttl: 300, data: '1.2.3.4' }),
      recordLine({ name: 'web.default.svc.cluster.local.', type: 'A', ttl: 30, data: '1.2.3.4' }),
      recordLine({ name: '10.10.96.10.in-addr.arpa.', type: 'PTR', ttl: 30, data: 'web.' }),
    ]).toEqual([
      ';web.\t\t\t\tIN\tA',
      ';web.default.svc.cluster.local.\tIN\tA',
      'example.com.\t\t300\tIN\tA\t1.2.3.4',
      'web.default.svc.cluster.local. 30 IN\tA\t1.2.3.4',
      '10.10.96.10.in-addr.arpa. 30\tIN\tPTR\tweb.',
    ]);
  });
});
