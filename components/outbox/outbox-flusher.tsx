'use client';
import { useEffect } from 'react';

/** Sends what an earlier page could not. Put once into the site's layout; it draws nothing. */
export function OutboxFlusher() {
  useEffect(() => {
    try {
      if (localStorage.getItem('flatnet.outbox') === null) return;
    } catch {
      return;
    }
    void import('./browser-outbox.ts').then((m) => m.browserOutbox());
  }, []);
  return null;
}
