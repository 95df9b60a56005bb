/** What must be so before anything is done. Runs before anything is installed: nothing but Node's own modules. */
import { statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { root } from './root.mjs';
import { refuse } from './say.mjs';

const OLDEST = [20, 19];
const MEGABYTE = 1024 * 1024;

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  refuse(
    `Flatnet needs Node ${OLDEST.join('.')} or newer; this is Node ${process.versions.node}.`,
    'Install a current one from https://nodejs.org and try again.',
  );
}

/** Refuses when less than `megabytes` are free where the project stands. */
export function checkDisk(megabytes, purpose) {
  const { bavail, bsize } = statfsSync(root);
  const free = Math.floor((bavail * bsize) / MEGABYTE);
  if (free < megabytes)
    refuse(`The disk is full: ${free} MB are free, and ${purpose} needs ${megabytes} MB.`, 'Make room and try again.');
}

/** The port to serve on: PORT, or 3000. */
export function wantedPort() {
  const text = process.env.PORT || '3000';
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    refuse(`PORT is ${text}; it must be a number from 1 to 65535.`);
  return port;
}

export function refusePort(port, code) {
  if (code === 'EACCES')
    refuse(`Port ${port} may not be used by this user.`, 'Choose one above 1023: PORT=3001 npm start');
  if (code === 'EADDRNOTAVAIL')
    refuse(`The address ${process.env.HOST} is none of this machine.`, 'Set HOST to one that is, or leave it out.');
  refuse(
    `Port ${port} is taken by another program.`,
    `Stop that one, or choose another port: PORT=${port === 65535 ? 3001 : port + 1} npm start`,
  );
}

/** Refuses when somebody listens on the port already. */
export async function checkPort(port, host) {
  const probe = createServer();
  const code = await new Promise((resolve) => {
    probe.once('error', (error) => resolve(error.code));
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });
  if (code) refusePort(port, code);
}
