/** The browser's outbox: localStorage, fetch, and a lock among the pages of this site. */
import { type Delivery, Outbox, type OutboxItem, type OutboxPorts } from './outbox.ts';

const KEY = 'flatnet.outbox';

function isItem(x: unknown): x is OutboxItem {
  const item = x as Partial<OutboxItem> | null;
  return (
    typeof item === 'object' &&
    item !== null &&
    typeof item.clientId === 'string' &&
    typeof item.url === 'string' &&
    item.url.startsWith('/api/')
  );
}

const ports: OutboxPorts = {
  load() {
    try {
      const items: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
      return Array.isArray(items) ? items.filter(isItem) : [];
    } catch {
      return [];
    }
  },
  save(items) {
    try {
      if (items.length === 0) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, JSON.stringify(items));
      return true;
    } catch {
      return false;
    }
  },
  async send(item): Promise<Delivery> {
    try {
      const response = await fetch(item.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(item.body),
      });
      const retryAfter = Number(response.headers.get('Retry-After'));
      return {
        kind: 'answer',
        status: response.status,
        retryAfter: retryAfter > 0 ? retryAfter : null,
        body: await response.json().catch(() => null),
      };
    } catch {
      return { kind: 'offline' };
    }
  },
  later: (ms, fn) => void setTimeout(fn, ms),
  alone: async (fn) => {
    if (navigator.locks) await navigator.locks.request(KEY, fn);
    else await fn();
  },
};

let outbox: Outbox | null = null;

/** The page's outbox. It begins to send what an earlier page left, and again when the network comes back. */
export function browserOutbox(): Outbox {
  if (outbox) return outbox;
  const made = new Outbox(ports);
  outbox = made;
  addEventListener('online', () => void made.flush());
  void made.flush();
  return made;
}

/** A new id for an item: a UUID, also where the page has no secure context. */
export function newClientId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
