import { describe, expect, it } from 'vitest';
import { agree, agreeScripts } from './agree.ts';
import { findClient } from './real-client.ts';

const client = findClient();

const WHERE = client === null ? ' (skipped: no real kubectl here; FLATNET_KUBECTL may name one)' : '';

describe.skipIf(client === null)(`the modelled kubectl and the real one${WHERE}`, () => {
  it.each(agreeScripts())(
    'agree on %s',
    async (file) => {
      const pairs = await agree(file, client as string);
      const wrong = pairs.filter((p) => p.differs === undefined && JSON.stringify(p.real) !== JSON.stringify(p.model));
      expect(wrong.map((p) => ({ cmd: p.cmd, ...p.model }))).toEqual(wrong.map((p) => ({ cmd: p.cmd, ...p.real })));
      // A difference that is gone must leave the list.
      const gone = pairs.filter((p) => p.differs !== undefined && JSON.stringify(p.real) === JSON.stringify(p.model));
      expect(gone.map((p) => p.cmd)).toEqual([]);
    },
    300_000,
  );
});
