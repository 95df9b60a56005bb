/**
 * Makes a migration out of what prisma/schema.prisma says now and what the migrations so far have built:
 * `node scripts/migration.mjs NAME`. Needs no database and no network: the engine is WebAssembly, the shadow a PGlite.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import { PrismaPGlite } from 'pglite-prisma-adapter';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'prisma', 'migrations');

async function loadEngine() {
  const wasm = join(
    createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg'),
    '..',
    'schema_engine_bg.wasm',
  );
  const { instance } = await WebAssembly.instantiate(readFileSync(wasm), { './schema_engine_bg.js': engine });
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

const [name] = process.argv.slice(2);
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('usage: node scripts/migration.mjs NAME   (lower-case letters, digits, _)');
  process.exit(2);
}

await loadEngine();
const schema = { path: 'prisma/schema.prisma', content: readFileSync(join(root, 'prisma', 'schema.prisma'), 'utf8') };
const done = readdirSync(folder, { withFileTypes: true })
  .filter((e) => e.isDirectory())
  .map((e) => e.name)
  .sort();
const before = new PGlite();
for (const migration of done) await before.exec(readFileSync(join(folder, migration, 'migration.sql'), 'utf8'));
const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(before));
const prisma = await engine.SchemaEngine.new({ datamodels: [[schema.path, schema.content]] }, () => {}, adapter);
const datasource = { tag: 'schemaDatasource', files: [schema], configDir: root };
const { stdout } = await prisma.diff({
  from: done.length === 0 ? { tag: 'empty' } : datasource,
  to: { tag: 'schemaDatamodel', files: [schema] },
  script: true,
  exitCode: null,
  shadowDatabaseUrl: null,
  filters: { externalTables: [], externalEnums: [] },
});
if (!stdout || stdout.includes('This is an empty migration')) {
  console.log('The schema has not changed: no migration made.');
  process.exit(0);
}
const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const target = join(folder, `${stamp}_${name}`);
mkdirSync(target, { recursive: true });
writeFileSync(join(target, 'migration.sql'), `${stdout.trimEnd()}\n`);
if (!existsSync(join(folder, 'migration_lock.toml')))
  writeFileSync(
    join(folder, 'migration_lock.toml'),
    '# Written by Prisma: which database the migrations are for.\nprovider = "postgresql"\n',
  );
console.log(`prisma/migrations/${stamp}_${name}/migration.sql`);
process.exit(0);
