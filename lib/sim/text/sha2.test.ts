import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { base32, sha256, sha512 } from './sha2.ts';

describe('SHA-2', () => {
  it.each(['', 'abc', 'a'.repeat(55), 'a'.repeat(56), 'a'.repeat(111), 'a'.repeat(112), 'x'.repeat(300)])(
    'agrees with the platform (%#)',
    (text) => {
      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
      expect(sha512(text)).toBe(createHash('sha512').update(text).digest('hex'));
    },
  );

  it('gives the chain names of kube-proxy', () => {
    const suffix = (input: string) => base32(sha256(input), 16);
    expect(suffix('default/kubernetes:httpstcp')).toBe('NPX46M4PTMTKRN6Y');
    expect(suffix('kube-system/kube-dns:dnsudp')).toBe('TCOU7JCQXEZGVUNU');
    expect(suffix('default/webtcp')).toBe('LOLE4ISW44XBNF3G');
    expect(suffix('default/web:httptcp10.244.1.2:8080')).toBe('UIQK3OSOSTRHRPBX');
  });
});
