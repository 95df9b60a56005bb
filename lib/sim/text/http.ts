/** HTTP/1.1 messages as byte strings (RFC 9112): what a client needs to read a response. */

export interface HttpHead {
  version: string;
  status: number;
  reason: string;
  /** In order, names as sent. */
  headers: { name: string; value: string }[];
  /** The head as it came, with its empty line. */
  raw: string;
}

/** A header's value by its name in any case, or null. */
export const headerOf = (head: HttpHead, name: string): string | null =>
  head.headers.find((h) => h.name.toLowerCase() === name.toLowerCase())?.value ?? null;

/** Parses a head (start line, header lines, empty line). Null when it is no HTTP response. */
export function parseHead(raw: string): HttpHead | null {
  const [start = '', ...lines] = raw.replace(/\r?\n\r?\n$/, '').split(/\r?\n/);
  const m = /^HTTP\/(\d\.\d) (\d{3})(?: (.*))?$/.exec(start);
  if (!m) return null;
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
  });
  return { version: m[1] as string, status: Number(m[2]), reason: m[3] ?? '', headers, raw };
}

export type ReadState =
  | 'head'
  | 'body'
  | 'done'
  /** What came is no HTTP response. */
  | 'garbage'
  /** The connection ended inside the body. */
  | 'short';

/** Reads one response from a stream: feed it what arrives, tell it when the stream ends. */
export class ResponseReader {
  state: ReadState = 'head';
  head: HttpHead | null = null;
  body = '';
  /** Bytes still to come when the length is known. */
  missing = 0;
  private buffer = '';
  /** Bytes that came without making a whole head. */
  get unread(): number {
    return this.buffer.length;
  }
  private framing: 'length' | 'chunked' | 'close' = 'close';

  /** `noBody`: the answer to a HEAD request. */
  constructor(private readonly noBody = false) {}

  /** Takes bytes. Answers the bytes of body they held. */
  feed(bytes: string): string {
    this.buffer += bytes;
    const before = this.body.length;
    if (this.state === 'head') this.readHead();
    if (this.state === 'body') this.readBody();
    return this.body.slice(before);
  }

  /** The stream ended. */
  end(): void {
    if (this.state === 'body') this.state = this.framing === 'close' ? 'done' : 'short';
  }

  /** Whether the connection can serve another request. */
  get keepAlive(): boolean {
    const connection = this.head ? (headerOf(this.head, 'connection') ?? '').toLowerCase() : 'close';
    if (this.framing === 'close' && !this.noBody) return false;
    return this.head?.version === '1.1' ? connection !== 'close' : connection === 'keep-alive';
  }

  private readHead(): void {
    const end = /\r?\n\r?\n/.exec(this.buffer);
    if (!end) {
      if (this.buffer.length >= 5 && !this.buffer.startsWith('HTTP/')) this.state = 'garbage';
      return;
    }
    const size = end.index + end[0].length;
    this.head = parseHead(this.buffer.slice(0, size));
    this.buffer = this.buffer.slice(size);
    if (!this.head) {
      this.state = 'garbage';
      return;
    }
    const { status } = this.head;
    if (status >= 100 && status < 200) {
      this.head = null;
      this.readHead();
      return;
    }
    this.state = 'body';
    const length = headerOf(this.head, 'content-length');
    if (this.noBody || status === 204 || status === 304) {
      this.state = 'done';
      this.framing = 'length';
    } else if ((headerOf(this.head, 'transfer-encoding') ?? '').toLowerCase() === 'chunked') this.framing = 'chunked';
    else if (length !== null && /^\d+$/.test(length)) {
      this.framing = 'length';
      this.missing = Number(length);
    }
  }

  private readBody(): void {
    if (this.framing === 'chunked') {
      this.readChunks();
      return;
    }
    const take = this.framing === 'length' ? this.buffer.slice(0, this.missing) : this.buffer;
    this.buffer = this.buffer.slice(take.length);
    this.body += take;
    if (this.framing === 'length') {
      this.missing -= take.length;
      if (this.missing === 0) this.state = 'done';
    }
  }

  private readChunks(): void {
    for (;;) {
      const line = /^([0-9a-fA-F]+)[^\n]*\r?\n/.exec(this.buffer);
      if (!line) return;
      const size = Number.parseInt(line[1] as string, 16);
      const start = line[0].length;
      if (size === 0) {
        if (/^\r?\n/.test(this.buffer.slice(start))) this.state = 'done';
        return;
      }
      if (this.buffer.length < start + size + 2) return;
      this.body += this.buffer.slice(start, start + size);
      this.buffer = this.buffer.slice(start + size).replace(/^\r?\n/, '');
    }
  }
}

export interface Url {
  scheme: string;
  user: string | null;
  host: string;
  port: number | null;
  /** Path and query, at least `/`. */
  target: string;
}

/** Splits `[scheme://][user@]host[:port][/path][?query]`; `http` when no scheme is given. Null when it is malformed. */
export function parseUrl(text: string): Url | null {
  const m =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(?:([^@/?#]*)@)?(\[[0-9a-fA-F:.]+\]|[^:/?#]*)(?::(\d*))?([/?#].*)?$/.exec(
      text,
    );
  if (!m?.[3] || /[\s<>"{}|\\^`]/.test(m[3])) return null;
  const port = m[4] ? Number(m[4]) : null;
  if (port !== null && port > 65535) return null;
  const rest = (m[5] ?? '/').replace(/#.*$/, '');
  return {
    scheme: (m[1] ?? 'http').toLowerCase(),
    user: m[2] ?? null,
    host: m[3].replace(/^\[|\]$/g, ''),
    port,
    target: rest.startsWith('/') ? rest : `/${rest}`,
  };
}

/** A Location relative to the URL it came from. */
export function resolveUrl(base: Url, location: string): string {
  if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(location)) return location;
  const origin = `${base.scheme}://${hostText(base)}`;
  if (location.startsWith('//')) return `${base.scheme}:${location}`;
  if (location.startsWith('/')) return origin + location;
  return origin + base.target.replace(/\?.*$/, '').replace(/[^/]*$/, '') + location;
}

/** Host and port as the Host header has them. */
export const hostText = (url: Url): string => {
  const host = url.host.includes(':') ? `[${url.host}]` : url.host;
  const standard = url.scheme === 'https' ? 443 : 80;
  return url.port === null || url.port === standard ? host : `${host}:${url.port}`;
};

/** RFC 4648 base 64 of a byte string. */
export function base64(bytes: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const n =
      (bytes.charCodeAt(i) << 16) |
      ((left > 1 ? bytes.charCodeAt(i + 1) : 0) << 8) |
      (left > 2 ? bytes.charCodeAt(i + 2) : 0);
    out += (alphabet[n >> 18] as string) + alphabet[(n >> 12) & 63];
    out += (left > 1 ? (alphabet[(n >> 6) & 63] as string) : '=') + (left > 2 ? (alphabet[n & 63] as string) : '=');
  }
  return out;
}
