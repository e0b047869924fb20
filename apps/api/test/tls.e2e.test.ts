import { chownSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectRedis, type Redis } from '@event-tracker/storage';
import { migrate } from '@event-tracker/storage/migrate';
import {
  createTestAuthority,
  createTestFolder,
  poll,
  startApi,
  startTestPostgres,
  startTestRedis,
  startWorker,
  type TestAuthority,
  type TestStore,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { click, expectProblem, expectStatus, get, post, soon } from './requests.ts';

interface Readiness {
  status: string;
  reasons: string[];
}

/** The one name that both stores' certificates are for. */
const host = 'localhost';
const folder = createTestFolder();
const authority = createTestAuthority({ folder: folder.path, name: 'authority' });
const stranger = createTestAuthority({ folder: folder.path, name: 'stranger' });
let postgres: TestStore;
let redis: TestStore;
let database: pg.Client;
let admin: Redis;
let redisTlsPort: number;
const closers: (() => unknown)[] = [];

afterEach(() => Promise.all(closers.splice(0).map((close) => close())));

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startTestPostgres(), startTestRedis()]);
  database = new pg.Client(postgres.url);
  await database.connect();
  admin = connectRedis({ url: redis.url, name: 'test', mode: 'wait', onError: () => {} });
  await Promise.all([encryptPostgres(), encryptRedis()]);
});

afterAll(async () => {
  await database?.end();
  admin?.disconnect();
  await Promise.all([postgres?.stop(), redis?.stop()]);
  folder.remove();
});

async function encryptPostgres(): Promise<void> {
  const { rows } = await database.query<{ data_directory: string }>('show data_directory');
  const data = rows[0]!.data_directory;
  const { uid, gid } = statSync(data);
  const { certificate, key } = authority.issue(host);
  for (const [file, text] of [
    ['server.crt', certificate],
    ['server.key', key],
  ] as const) {
    writeFileSync(join(data, file), text, { mode: 0o600 });
    chownSync(join(data, file), uid, gid);
  }
  await database.query('alter system set ssl = on');
  await database.query('select pg_reload_conf()');
  await until(async () => (await database.query('show ssl')).rows[0].ssl === 'on');
}

async function encryptRedis(): Promise<void> {
  const { certificate, key } = authority.issue(host);
  const [certificateFile, keyFile] = [join(folder.path, 'redis.crt'), join(folder.path, 'redis.key')];
  writeFileSync(certificateFile, certificate);
  writeFileSync(keyFile, key, { mode: 0o600 });
  const settings = `tls-cert-file ${certificateFile} tls-key-file ${keyFile} tls-ca-cert-file ${authority.file}`;
  redisTlsPort = await poll(async () => {
    const port = 32_000 + Math.floor(Math.random() * 700);
    const options = `${settings} tls-auth-clients no tls-port ${port}`.split(' ');
    return (await admin.config('SET', ...(options as [string, string]))) === 'OK' ? port : undefined;
  });
}

/** The environment of a process that trusts this authority alone, and knows the stores by this name. */
function storesOver({ file }: TestAuthority, name = host) {
  const [databaseUrl, redisUrl] = [new URL(postgres.url), new URL(redis.url.replace('redis:', 'rediss:'))];
  databaseUrl.hostname = redisUrl.hostname = name;
  databaseUrl.search = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: file }).toString();
  redisUrl.port = String(redisTlsPort);
  return { DATABASE_URL: databaseUrl.href, REDIS_URL: redisUrl.href, NODE_EXTRA_CA_CERTS: file };
}

async function start<T extends { stop(): unknown }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  closers.push(() => started.stop());
  return started;
}

test('events go from the API to PostgreSQL over TLS alone, whose certificates an own authority signed', async () => {
  const env = storesOver(authority);
  await migrate(env.DATABASE_URL);
  const [api, worker] = await Promise.all([start(startApi(env)), start(startWorker(env))]);
  await Promise.all([untilReady(api), untilReady(worker)]);
  await expectStatus(post(`${api.url}/api/events`, click()), 202);
  await soon(async () => {
    const { body } = await get(`${api.url}/api/statistics`, { eventType: 'CLICK', componentId: 1002 });
    expect(body.count).toBe(1);
  });

  const { rows } = await database.query<{ ssl: boolean; sessions: number }>(
    `select ssl, count(*)::int as sessions from pg_stat_ssl join pg_stat_activity using (pid)
       where backend_type = 'client backend' and pid <> pg_backend_pid() group by ssl`,
  );
  expect(rows).toEqual([{ ssl: true, sessions: expect.any(Number) }]);
  const clients = String(await admin.client('LIST')).match(/^.* name=event-tracker:(?!test ).*$/gm)!;
  expect(clients.length).toBeGreaterThan(3);
  for (const client of clients) expect(client).toContain(` laddr=127.0.0.1:${redisTlsPort} `);
});

test.each([
  ['of a stranger', () => storesOver(stranger), /certificate/],
  ['for another name', () => storesOver(authority, '127.0.0.1'), /does not match certificate/],
])(
  'stores with a certificate %s get nothing, and readiness says why without a secret',
  async (_, stores, why) => {
    const env = stores();
    const [api, worker] = await Promise.all([start(startApi(env)), start(startWorker(env))]);
    for (const { url } of [api, worker]) {
      const ready = await poll(async () => {
        const body = await expectStatus<Readiness>(fetch(`${url}/readyz`), 503);
        return body.reasons.filter((reason) => why.test(reason)).length >= 2 ? body : undefined;
      });
      expect(ready.status).toBe('unavailable');
      for (const store of ['redis', 'postgres'])
        expect(ready.reasons).toContainEqual(expect.stringMatching(`^${store}: .*certificate`));
    }
    await expectProblem(post(`${api.url}/api/events`, click()), 503);
    const passwords = [env.DATABASE_URL, env.REDIS_URL].map((url) => new URL(url).password);
    const said = [await (await fetch(`${api.url}/readyz`)).text(), api.output(), worker.output()].join();
    for (const password of passwords) expect(said).not.toContain(password);
  },
);
