/**
 * `npm start`: from a fresh clone to a served course. Installs, builds and prepares what is missing, each only once.
 * PORT (3000) and HOST (127.0.0.1) say where; --build ends before serving, --built serves without looking at sources.
 */
import { checkDisk, checkNode, checkPort, wantedPort } from './lib/check.mjs';

checkNode();
const { done, say } = await import('./lib/say.mjs');
const flags = new Set(process.argv.slice(2));
const port = wantedPort();
const host = process.env.HOST || '127.0.0.1';

if (!flags.has('--build')) await checkPort(port, host);
checkDisk(50, 'Flatnet');
if (!flags.has('--built')) {
  const { install } = await import('./lib/install.mjs');
  await install();
  const { buildAll } = await import('./lib/build.mjs');
  await buildAll();
}
if (!flags.has('--build')) {
  say('Preparing the database …');
  const { serve } = await import('./lib/serve.mjs');
  await serve(port, host);
  done(
    `Flatnet is at http://${host === '127.0.0.1' || host === '0.0.0.0' ? 'localhost' : host}:${port}  (Ctrl-C ends it)`,
  );
}
