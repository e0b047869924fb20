import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  createTestDatabase,
  createTestFolder,
  startApi,
  startTestRedis,
  startWorker,
  until,
  untilReady,
} from '@event-tracker/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { findPrometheus } from '../setup/shared.mjs';
import {
  infra,
  metricsIn,
  readDashboardQueries,
  readPrometheusConfig,
  readRules,
} from './support/monitoring-files.ts';

const closers: (() => unknown)[] = [];
let url: string;

beforeAll(async () => {
  const [database, redis] = await Promise.all([createTestDatabase(), startTestRedis()]);
  closers.push(
    () => database.drop(),
    () => redis.stop(),
  );
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  const processes = await Promise.all([startApi(env), startWorker(env)]);
  closers.push(() => Promise.all(processes.map((process) => process.stop())));
  await Promise.all(processes.map(untilReady));
  await sendEvent(processes[0].url);
  url = await startPrometheus(processes.map((process) => new URL(process.url).host));
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function sendEvent(api: string): Promise<void> {
  const event = { eventType: 'CLICK', sessionId: 's', metadata: { componentId: 1002 } };
  const response = await fetch(`${api}/api/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  expect(response.status).toBe(202);
}

/** As docker-compose.yml runs it, but for where the processes are and how often they are asked. */
async function startPrometheus(targets: string[]): Promise<string> {
  const { path: folder, remove } = createTestFolder();
  closers.push(remove);
  const config = readPrometheusConfig();
  config.global = { scrape_interval: '1s', evaluation_interval: '1s' };
  config.rule_files = [join(infra, 'prometheus/rules.yml')];
  config.scrape_configs = config.scrape_configs.map(({ job_name }, at) => ({
    job_name,
    static_configs: [{ targets: [targets[at]!] }],
  }));
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const prometheus = spawn(
    findPrometheus().path!,
    [
      '--config.file=prometheus.yml',
      `--web.listen-address=${address}`,
      '--storage.tsdb.path=data',
      '--log.level=error',
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  const ended = once(prometheus, 'exit');
  closers.push(() => {
    prometheus.kill();
    return ended;
  });
  const base = `http://${address}`;
  await until(async () => (await fetch(`${base}/-/ready`)).ok, { what: 'a Prometheus that is ready' });
  return base;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function ask<T>(path: string, query: Record<string, string> = {}): Promise<T> {
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(query)}`);
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
  expect({ query, status, error }).toEqual({ query, status: 'success', error: undefined });
  return data;
}

test('a real Prometheus finds every metric that the dashboard and the rules name on real processes', async () => {
  const named = new Set(
    [...readDashboardQueries(), ...readRules().map(({ expr }) => expr)].flatMap(metricsIn),
  );
  expect(named.size).toBeGreaterThan(40);
  let missing: string[] = [];
  await until(
    async () => {
      const names = await ask<string[]>('label/__name__/values');
      missing = [...named].filter((name) => !names.includes(name));
      return missing.length === 0;
    },
    { limitMs: 90_000, everyMs: 500 },
  ).catch(() => {});
  expect(missing).toEqual([]);
});

test('both processes are scraped, and what they say is read without a complaint', async () => {
  const { activeTargets } = await ask<{ activeTargets: { health: string; lastError: string }[] }>('targets');
  expect(activeTargets.map(({ health, lastError }) => ({ health, lastError }))).toEqual([
    { health: 'up', lastError: '' },
    { health: 'up', lastError: '' },
  ]);
});

test('every query of the dashboard can be asked', async () => {
  for (const query of readDashboardQueries()) await ask('query', { query });
});

test('of a system that is well no alert fires but the one on a Redis without a limit', async () => {
  interface Loaded {
    groups: { rules: { name: string; health: string; state: string }[] }[];
  }
  // Until the first scrape there is nothing, which is an alarm of its own.
  let active: string[] = [];
  await until(
    async () => {
      const { groups } = await ask<Loaded>('rules');
      const rules = groups.flatMap((group) => group.rules);
      active = rules
        .filter(({ health, state }) => health !== 'ok' || state !== 'inactive')
        .map(({ name }) => name)
        .filter((name) => name !== 'RedisMemoryUnlimited');
      return rules.length > 0 && active.length === 0;
    },
    { limitMs: 60_000, everyMs: 250 },
  ).catch(() => {});
  expect(active).toEqual([]);
});
