/** Secrets. */
import { encodeBase64 } from '../../../text/base64.ts';
import { utf8Encode } from '../../../text/utf8.ts';
import { age, noWide } from '../cells.ts';
import { validateSecret } from '../data.ts';
import { defineKind } from '../kind.ts';
import { SECRET } from '../shapes/cluster.ts';

export const kind = defineKind({
  name: 'secrets',
  short: '',
  kind: 'Secret',
  apiVersion: 'v1',
  namespaced: true,
  schema: SECRET,
  table: {
    ...noWide,
    columns: ['NAME', 'TYPE', 'DATA', 'AGE'],
    row: (w, o) => [o.metadata.name, o.type ?? 'Opaque', String(Object.keys(o.data ?? {}).length), age(w, o)],
  },
  defaults(o) {
    o.type ||= 'Opaque';
    if (!o.stringData) return;
    o.data ??= {};
    for (const [key, text] of Object.entries(o.stringData as Record<string, string>))
      o.data[key] = encodeBase64(utf8Encode(text));
    delete o.stringData;
  },
  validate: validateSecret,
});
