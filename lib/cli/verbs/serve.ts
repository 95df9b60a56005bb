import { Session } from '#sim/index.ts';
import { parseArgs, required, seedOf, UsageError } from '../args.ts';
import { LiveWorld } from '../serve/live.ts';
import { apiServer } from '../serve/server.ts';
import { knownScenario } from './scenario.ts';

export const usage = 'serve --scenario NAME --port N [--seed N]';

/** Serves the model's Kubernetes API on loopback until it is interrupted. */
export async function serve(argv: string[]): Promise<number> {
  const args = parseArgs(argv, ['scenario', 'seed', 'port'], []);
  const port = Number(required(args, 'port'));
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new UsageError(`--port wants a number from 0 to 65535, not ${args.options.get('port')}`);
  const session = Session.open(knownScenario(required(args, 'scenario')), seedOf(args));
  if (session.machine.world.cluster === null) throw new UsageError('that scenario has no cluster');
  const world = new LiveWorld(session);
  const server = apiServer(world);
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  process.stdout.write(
    `Kubernetes API on http://127.0.0.1:${typeof address === 'object' && address ? address.port : port}\n`,
  );
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  world.stop();
  server.closeAllConnections();
  server.close();
  return 0;
}
