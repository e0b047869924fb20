import { freePort, listenProblem } from './ports.ts';
import type { StartConfig } from './start-config.ts';
import { UserError } from './user-error.ts';

/** The ports that the API and the worker will listen on: those configured, or free ones for 0. Throws a UserError. */
export async function chooseListeners({
  HOST,
  PORT,
  WORKER_PORT,
}: StartConfig): Promise<{ PORT: number; WORKER_PORT: number }> {
  if (PORT !== 0 && PORT === WORKER_PORT) {
    throw new UserError(`PORT and WORKER_PORT are both ${PORT}: the API and the worker need a port each.`);
  }
  await check('PORT', PORT, HOST);
  await check('WORKER_PORT', WORKER_PORT, HOST);
  const api = PORT || (await freePort([], HOST));
  let worker = WORKER_PORT || (await freePort([], HOST));
  while (worker === api) worker = await freePort([], HOST);
  return { PORT: api, WORKER_PORT: worker };
}

async function check(variable: 'PORT' | 'WORKER_PORT', port: number, host: string): Promise<void> {
  const problem = await listenProblem(port, host);
  if (problem === undefined) return;
  const other = `choose another, for example ${variable}=${port < 60_000 ? port + 10 : port - 10} npm start, or end what uses it`;
  switch (problem) {
    case 'EADDRINUSE':
      throw new UserError(`Port ${port} on ${host} is taken (${variable}): ${other}.`);
    case 'EACCES':
      throw new UserError(
        `Port ${port} (${variable}) needs more rights than this user has: choose one above 1023.`,
      );
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
      throw new UserError(
        `HOST=${host} is no address of this machine: use 127.0.0.1, or 0.0.0.0 for all addresses.`,
      );
    default:
      throw new UserError(`Nothing can listen on port ${port} of ${host} (${variable}): ${problem}.`);
  }
}
