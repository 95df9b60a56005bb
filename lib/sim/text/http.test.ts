import { describe, expect, it } from 'vitest';
import { base64, parseUrl, ResponseReader, resolveUrl } from './http.ts';

const read = (parts: string[], end = false) => {
  const reader = new ResponseReader();
  for (const part of parts) reader.feed(part);
  if (end) reader.end();
  return { state: reader.state, status: reader.head?.status, body: reader.body, keepAlive: reader.keepAlive };
};

describe('HTTP responses', () => {
  it('reads each framing', () => {
    expect(read(['HTTP/1.1 200 OK\r\nContent-Le', 'ngth: 5\r\n\r\nhel', 'lo'])).toEqual({
      state: 'done',
      status: 200,
      body: 'hello',
      keepAlive: true,
    });
    expect(
      read(['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n', '2\r\nde\r\n0\r\n\r\n']).body,
    ).toBe('abcde');
    expect(read(['HTTP/1.0 200 OK\r\n\r\nall'], true)).toEqual({
      state: 'done',
      status: 200,
      body: 'all',
      keepAlive: false,
    });
    expect(read(['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi'], true).state).toBe('short');
    expect(read(['SSH-2.0-OpenSSH\r\n']).state).toBe('garbage');
  });

  it('splits and joins URLs', () => {
    expect(parseUrl('10.0.0.1:8080/a?b#c')).toEqual({
      scheme: 'http',
      user: null,
      host: '10.0.0.1',
      port: 8080,
      target: '/a?b',
    });
    expect(parseUrl('http://[fd00::1]/')?.host).toBe('fd00::1');
    expect([parseUrl('http://'), parseUrl('http://a b/'), parseUrl('h:99999')]).toEqual([null, null, null]);
    const base = parseUrl('http://web:81/a/b?c')!;
    expect(['/x', 'y', '//z/', 'http://q/'].map((to) => resolveUrl(base, to))).toEqual([
      'http://web:81/x',
      'http://web:81/a/y',
      'http://z/',
      'http://q/',
    ]);
    expect(base64('user:pw')).toBe('dXNlcjpwdw==');
  });
});
