/** Serves the built app in this process, so that one signal ends it and nothing is left behind. */
import { createServer } from 'node:http';
import { refusePort } from './check.mjs';
import { root } from './root.mjs';

/** Seconds that requests under way get when the server is told to stop. */
const GRACE = 10;

/**
 * @param {number} port
 * @param {string} host
 */
export async function serve(port, host) {
  process.chdir(root);
  process.env.NODE_ENV = 'production';
  process.env.FLATNET_ROOT = root;
  process.env.NEXT_TELEMETRY_DISABLED = '1';
  const { default: next } = await import('next');
  const app = next({ dev: false, dir: root, hostname: host, port });
  await app.prepare();
  const handle = app.getRequestHandler();
  const trusted = process.env.FLATNET_TRUST_PROXY === '1';
  const server = createServer((request, response) => {
    // Only a proxy that we trust may say where a request comes from.
    if (!trusted)
      for (const name of ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port'])
        delete request.headers[name];
    void handle(request, response);
  });
  await new Promise((resolve) => {
    server.once('error', (error) => refusePort(port, error.code));
    server.listen(port, host, resolve);
  });
  // The first request opens the database; a reason not to start ends the process here, before anything is promised.
  await fetch(`http://${host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host}:${port}/api/health`).catch(
    () => undefined,
  );
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), GRACE * 1000).unref();
    server.close(() => void closeDatabase().finally(() => process.exit(0)));
    server.closeIdleConnections();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** lib/server/db.ts keeps the open database here. */
async function closeDatabase() {
  const database = await globalThis.flatnetDatabase;
  await database?.close();
}
