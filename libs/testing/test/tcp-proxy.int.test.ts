import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTcpProxy, type TcpProxy } from '../src/index.ts';

const delayMs = 20;

let server: Server;
let accepted: Socket[];
let proxy: TcpProxy;

beforeEach(async () => {
  accepted = [];
  // Sends back what it gets, and ends when its client has ended.
  server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  proxy = await startTcpProxy({ port: portOf(server), conditions: { delayMs } });
});

afterEach(async () => {
  await proxy.stop();
  for (const socket of accepted) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test('every byte is held back each way, and by hardly more', async () => {
  const client = await open(proxy.port);
  const times: number[] = [];
  for (let turn = 0; turn < 20; turn += 1) times.push(await roundTrip(client, 'x'));
  client.destroy();
  expect(Math.min(...times)).toBeGreaterThanOrEqual(2 * delayMs);
  // The best of them: a machine that does other things makes any one late, and none early.
  expect(Math.min(...times)).toBeLessThan(2 * delayMs + 1);
});

test('what is sent meanwhile is held back from its own sending on', async () => {
  const client = await open(proxy.port);
  let back = '';
  client.setEncoding('utf8').on('data', (chunk: string) => (back += chunk));
  const began = performance.now();
  // More of them than could be held back one after the other.
  for (let turn = 0; turn < 50; turn += 1) client.write('x');
  while (back.length < 50) await once(client, 'data');
  client.destroy();
  expect(performance.now() - began).toBeLessThan(25 * delayMs);
});

test('the delay can be changed under open connections', async () => {
  const client = await open(proxy.port);
  proxy.set({ delayMs: 0 });
  let fastest = Number.POSITIVE_INFINITY;
  while (fastest >= delayMs) fastest = Math.min(fastest, await roundTrip(client, 'x'));
  proxy.set({ delayMs: 2 * delayMs });
  let slowest = 0;
  while (slowest < 4 * delayMs) slowest = Math.max(slowest, await roundTrip(client, 'x'));
  client.destroy();
});

test('a long transfer through a reader that is slow arrives whole, in order, and with its end', async () => {
  const sent = randomBytes(16 * 2 ** 20);
  const client = await open(proxy.port);
  client.end(sent);
  const received = createHash('sha256');
  for await (const chunk of client) {
    received.update(chunk as Buffer);
    await new Promise(setImmediate);
  }
  expect(received.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'));
});

test('hundreds of connections at once do not wait for each other', async () => {
  const clients = await Promise.all(Array.from({ length: 300 }, () => open(proxy.port)));
  const answers = await Promise.all(clients.map((client, at) => echo(client, `hello ${at}`)));
  for (const client of clients) client.destroy();
  expect(answers).toEqual(clients.map((_, at) => `hello ${at}`));
});

test('a connection that one side breaks breaks for the other', async () => {
  const [first, second] = [await open(proxy.port), await open(proxy.port)];
  await Promise.all([echo(first, 'x'), echo(second, 'y')]);
  const reset = once(first, 'error');
  accepted[0]!.resetAndDestroy();
  expect((await reset)[0]).toMatchObject({ code: 'ECONNRESET' });
  const closed = untilClosed(accepted[1]!);
  second.resetAndDestroy();
  await closed;
});

test('a server that is not there closes the connection, and the proxy goes on', async () => {
  for (const socket of accepted) socket.destroy();
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  await untilClosed(connect(proxy.port, '127.0.0.1'));
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const next = await open(proxy.port);
  expect(await echo(next, 'x')).toBe('x');
  next.destroy();
});

test('a URL leads through it; that of another server is refused', () => {
  const through = new URL(proxy.through(`redis://:secret@127.0.0.1:${portOf(server)}/0`));
  expect(Number(through.port)).toBe(proxy.port);
  expect(through.password).toBe('secret');
  expect(() => proxy.through('redis://127.0.0.1:1/0')).toThrow(`leads to port ${portOf(server)}`);
});

function portOf(of: Server): number {
  return (of.address() as { port: number }).port;
}

/** However it closes. */
function untilClosed(socket: Socket): Promise<void> {
  socket.on('error', () => {});
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

async function echo(client: Socket, text: string): Promise<string> {
  client.write(text);
  let back = '';
  while (back.length < text.length) back += String((await once(client, 'data'))[0]);
  return back;
}

async function roundTrip(client: Socket, text: string): Promise<number> {
  const began = performance.now();
  await echo(client, text);
  return performance.now() - began;
}
