import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCheckout } from './support/checkout.ts';
import { type NpmStart, npmStart } from './support/npm-start.ts';
import { npmRun } from './support/run-command.ts';

const stackLine = /^\s+at .*:\d+:\d+\)?$/m;

describe('the .env of a checkout', () => {
  let checkout: ReturnType<typeof createCheckout>;

  beforeAll(() => {
    checkout = createCheckout();
  });
  afterAll(() => checkout.remove());

  const write = (lines: Record<string, string>) =>
    writeFileSync(
      join(checkout.path, '.env'),
      Object.entries(lines)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );

  test.each(['start:api', 'start:worker', 'migrate', 'rebuild'])(
    'is read by npm run %s, which names what came from it',
    async (command) => {
      write({ DATABASE_URL: 'mysql://a-secret@127.0.0.1/none', REDIS_URL: 'redis://127.0.0.1:1' });
      const { code, said } = await npmRun(checkout.path, [command]);
      expect(code).toBe(1);
      expect(said).toContain('Settings from .env: DATABASE_URL, REDIS_URL\n');
      expect(said).toContain('DATABASE_URL: must be a URL that begins with postgres://');
      expect(said).not.toContain('a-secret');
    },
  );

  test.each(['start:api', 'rebuild'])('does not outdo the environment of npm run %s', async (command) => {
    write({ DATABASE_URL: 'postgres://127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' });
    const { said } = await npmRun(checkout.path, [command], { DATABASE_URL: 'mysql://127.0.0.1' });
    expect(said).toContain('Settings from .env: REDIS_URL\n');
    expect(said).toContain('DATABASE_URL: must be a URL that begins with postgres://');
  });

  describe('with keys in it', () => {
    let system: NpmStart;
    let apiUrl: string;

    beforeAll(async () => {
      write({ WRITE_KEYS: 'a-write-key', API_KEYS: 'a-secret-key', PORT: '1' });
      system = npmStart(checkout.path);
      ({ apiUrl } = await system.untilReady());
    });
    afterAll(() => system.stop());

    const send = (headers: Record<string, string>) =>
      fetch(`${apiUrl}/api/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ eventType: 'CLICK', sessionId: 's', metadata: { componentId: 1002 } }),
      });

    test('npm start and the processes that it starts go by it, and its values are not printed', async () => {
      expect((await send({})).status).toBe(401);
      expect((await send({ authorization: 'Bearer a-write-key' })).status).toBe(202);
      expect(system.output()).toContain('Settings from .env: API_KEYS, WRITE_KEYS\n');
      expect(system.output()).not.toMatch(/a-write-key|a-secret-key/);
    });

    test('npm run demo takes the key from it', async () => {
      const { code, said } = await npmRun(checkout.path, ['demo', '--events', '100', '--posts', '3']);
      expect([code, said]).toEqual([0, expect.stringContaining('Done.')]);
    });

    test.each(['demo', 'load'])('npm run %s with a wrong key says which key it needs', async (command) => {
      const { code, said } = await npmRun(checkout.path, [command], { API_KEY: 'a-wrong-key' });
      expect(code).toBe(1);
      expect(said).toContain(
        `The API at ${apiUrl} does not know the key that was sent (/api/posts): set API_KEY to one of its API_KEYS`,
      );
      expect(said).not.toMatch(stackLine);
      expect(said).not.toContain('a-wrong-key');
    });

    test.each([
      ['demo', '--url'],
      ['load', '--host'],
    ])('npm run %s without a key says that one is asked for', async (command, option) => {
      const none = { API_KEYS: '', WRITE_KEYS: '', ADMIN_TOKENS: '' };
      // By another name: to the address of the checkout's own system its own token would go.
      const url = `http://localhost:${new URL(apiUrl).port}`;
      const { code, said } = await npmRun(checkout.path, [command, option, url], none);
      expect(code).toBe(1);
      expect(said).toContain(`The API at ${url} asks for a key (/api/posts): set API_KEY`);
      expect(said).not.toMatch(stackLine);
    });
  });
});
