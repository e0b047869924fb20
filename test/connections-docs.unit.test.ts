import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { apiConfig } from '../apps/api/src/config.ts';
import { databaseConnections as ofApi } from '../apps/api/src/stores/connections.ts';
import { workerConfig } from '../apps/worker/src/config.ts';
import { databaseConnections as ofWorker } from '../apps/worker/src/connections.ts';

const stores = { DATABASE_URL: 'postgres://localhost/none', REDIS_URL: 'redis://localhost' };
const api = Object.values(ofApi(apiConfig.parse(stores)));
const forWorker = ofWorker(workerConfig.parse(stores));
const worker = Object.values(forWorker);
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const section = /^## Connections of PostgreSQL\n([\s\S]*?)^## /m.exec(read('docs/operations.md'))![1]!;
/** The number in the last cell of each row that begins with this one. */
const cells = (first: string) =>
  [...section.matchAll(/^\| (.+) \| (\d+) \|$/gm)]
    .filter((row) => row[1]!.split(' | ')[0] === first)
    .map((row) => Number(row[2]));

test('docs/operations.md lists the connections that each process opens by default', () => {
  expect({ api: cells('API'), worker: cells('worker') }).toEqual({ api, worker });
  const [rule, most] = [sum(api) + forWorker.worker, sum(api) + sum(worker)];
  expect(section).toContain(`| one API and one worker | ${rule} | ${most} |`);
  expect(section).toContain(`| ten of each | ${10 * rule} | ${10 * most} |`);
});

/** PostgreSQL keeps three for superusers; `npm run migrate`, `npm run rebuild` and people take some, too. */
const kept = 3;
const others = 10;

test.each([
  ['infra/src/postgres.ts', /max_connections: (\d+)/],
  ['docker-compose.yml', /max_connections=(\d+)/],
])('ten APIs and ten workers fit into the connections of %s', (file, setting) => {
  const configured = Number(setting.exec(read(file))![1]);
  expect(10 * (sum(api) + sum(worker))).toBeLessThanOrEqual(configured - kept - others);
});
