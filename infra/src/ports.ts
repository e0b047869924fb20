import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const loopback = '127.0.0.1';

/** Below the range that systems take the ports of outgoing connections from, so that a stopped server's port stays free. */
const lowestPort = 20_000;
const highestPort = 31_999;

/** Why a server could not listen there ('EADDRINUSE', 'EACCES', …); undefined when it could. */
export async function listenProblem(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code ?? String(cause);
  }
  await new Promise((resolve) => void server.close(resolve));
  // Some systems let a second server listen on a narrower address than the first.
  return (await answers(port, host)) ? 'EADDRINUSE' : undefined;
}

/** The first of the preferred ports of an address that is free, or else any free one. */
export async function freePort(preferred: readonly number[] = [], host = loopback): Promise<number> {
  const others = Array.from({ length: 50 }, () => randomInt(lowestPort, highestPort + 1));
  for (const port of [...preferred, ...others]) {
    if ((await listenProblem(port, host)) === undefined) return port;
  }
  throw new Error(`found no free port on ${host}`);
}

async function answers(port: number, host: string): Promise<boolean> {
  const socket = connect({ port, host, timeout: 200 });
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('timeout', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
