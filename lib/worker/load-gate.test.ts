import { describe, expect, it } from 'vitest';
import { LoadGate } from './load-gate.ts';

function gate() {
  const seen: string[] = [];
  return { seen, gate: new LoadGate((m) => seen.push((m as { t: string }).t)) };
}

describe('LoadGate', () => {
  it('lets a scene be opened and looked at before the programs are there', () => {
    const { seen, gate: g } = gate();
    for (const t of ['open', 'terminal', 'resize', 'topology', 'ack']) g.take({ t });
    expect(seen).toEqual(['open', 'terminal', 'resize', 'topology', 'ack']);
  });

  it('keeps a line, and what follows it, in order', () => {
    const { seen, gate: g } = gate();
    for (const t of ['open', 'type', 'hash', 'interrupt']) g.take({ t });
    expect(seen).toEqual(['open']);
    g.open();
    g.take({ t: 'trace' });
    expect(seen).toEqual(['open', 'type', 'hash', 'interrupt', 'trace']);
  });

  it('waits with a scene that commands prepare or that is restored', () => {
    const { seen, gate: g } = gate();
    g.take({ t: 'open', setup: { steps: [{ cmd: 'true' }] } });
    g.take({ t: 'terminal' });
    expect(seen).toEqual([]);
    g.open();
    expect(seen).toEqual(['open', 'terminal']);
  });
});
