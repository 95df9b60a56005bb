/** Makes an initialised, empty database folder and packs it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { root } from './root.mjs';

const db = await PGlite.create();
const packed = await db.dumpDataDir('gzip');
await db.close();
writeFileSync(join(root, 'dist', 'pglite-template.tar.gz'), Buffer.from(await packed.arrayBuffer()));
process.exit(0);
