/**
 * The proxy's thread: accepts connections, opens one to the server for each, and passes on what either side sends when
 * it is due.
 */
import { connect, createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { createDelayLine, type DelayLine } from './delay-line.ts';
import type { Conditions, ProxySetup } from './tcp-proxy.ts';

const host = '127.0.0.1';

/** Bytes on their way in one direction of a connection; beyond them its sender waits, as for a full network. */
const bytesOnTheWayMax = 4 * 2 ** 20;

const setup = workerData as ProxySetup;
const line = createDelayLine(setup.conditions.delayMs);
parentPort!.on('message', ({ delayMs }: Conditions) => line.setDelay(delayMs));

const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  const far = connect({ port: setup.port, host, allowHalfOpen: true, noDelay: true });
  forward(near, far, line);
  forward(far, near, line);
});
server.listen(0, host, () => parentPort!.postMessage((server.address() as { port: number }).port));

/** One direction of a connection. Bytes, the end and a break take the same way, so none overtakes another. */
function forward(from: Socket, to: Socket, through: DelayLine): void {
  let onTheWay = 0;
  // Either side may be too slow: the way is full, or the receiver reads nothing.
  const resumeIfRoom = () => {
    if (onTheWay < bytesOnTheWayMax && !to.writableNeedDrain) from.resume();
  };
  to.on('drain', resumeIfRoom);
  from.on('data', (chunk) => {
    onTheWay += chunk.length;
    if (onTheWay >= bytesOnTheWayMax) from.pause();
    through.push(() => {
      onTheWay -= chunk.length;
      if (to.destroyed) return;
      if (to.write(chunk)) resumeIfRoom();
      else from.pause();
    });
  });
  from.on('end', () => through.push(() => void to.end()));
  from.on('error', () => through.push(() => to.resetAndDestroy()));
  from.on('close', () => through.push(() => to.destroySoon()));
}
