import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig, redisUrls } from '@event-tracker/runtime';
import { expect, test } from '@jest/globals';
import { apiConfig } from '../../apps/api/src/config.ts';
import { workerConfig } from '../../apps/worker/src/config.ts';
import { loadCompose } from './support/compose.ts';
import { parseDockerfile } from './support/dockerfile.ts';

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const composeFile = join(root, 'docker-compose.yml');
// As on a machine that has set nothing: one command starts it all.
const { services, networks, volumes } = loadCompose(composeFile, {});
const ours = { api: apiConfig, worker: workerConfig, migrate: workerConfig.pick({ DATABASE_URL: true }) };
const dockerfile = 'infra/docker/Dockerfile';
const { stages } = parseDockerfile(readFileSync(join(root, dockerfile), 'utf8'));

test.each(Object.keys(ours))('%s is built by a target of a Dockerfile that exists', (name) => {
  expect(services[name]?.build).toEqual({ context: '.', dockerfile, target: name });
  expect([...stages.keys()]).toContain(name);
});

test.each(Object.entries(ours))('%s is given valid configuration and nothing else', (name, schema) => {
  const given = services[name]?.environment ?? {};
  expect(Object.keys(schema.shape)).toEqual(expect.arrayContaining(Object.keys(given)));
  expect(() => parseConfig(schema, given)).not.toThrow();
});

test('every secret comes from outside', () => {
  const defaults = [
    ...readFileSync(composeFile, 'utf8').matchAll(/\{(\w*(?:KEY|TOKEN|PASSWORD)\w*):-([^}]*)\}/g),
  ];
  expect(defaults.map(([, name]) => String(name)).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'ADMIN_TOKENS',
    'API_KEYS',
    'WRITE_KEYS',
  ]);
  expect(defaults.map(([, , value]) => value).join('')).toBe('');
});

test('the admin tokens of .env reach the API and the workers; without one there is none', () => {
  const given = loadCompose(composeFile, { ADMIN_TOKENS: 'a,b' }).services;
  for (const name of ['api', 'worker']) {
    expect(given[name]?.environment).toMatchObject({ ADMIN_TOKENS: 'a,b' });
    expect(services[name]?.environment).toMatchObject({ ADMIN_TOKENS: '' });
  }
});

test('the API and the workers start when the schema is there, the lane has its data and both Redis answer', () => {
  expect(services.migrate?.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
  for (const name of ['api', 'worker']) {
    expect(services[name]?.depends_on).toEqual({
      migrate: { condition: 'service_completed_successfully' },
      redis: { condition: 'service_healthy' },
      'redis-views': { condition: 'service_healthy' },
    });
  }
});

test('the API and what watches it are reached from outside, by default from this machine alone', () => {
  const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
    ports.map((port) => [name, port]),
  );
  expect(published).toEqual([
    ['api', '127.0.0.1:8080:8080'],
    ['prometheus', '127.0.0.1:9090:9090'],
    ['grafana', '127.0.0.1:3000:3000'],
  ]);
  expect(services.postgres?.networks).toEqual(['stores']);
  for (const name of ['redis', 'redis-views']) expect(services[name]?.networks).toEqual(['stores']);
  expect(networks.stores).toEqual({ internal: true });
});

test('the API and the workers find the fast lane on the one Redis and the views on the other', () => {
  const [lane, views] = [services.redis!, services['redis-views']!];
  for (const name of ['api', 'worker']) {
    const { lane: laneUrl, views: viewsUrl } = redisUrls(services[name]!.environment!);
    expect([laneUrl, viewsUrl]).toEqual(['redis://redis:6379', 'redis://redis-views:6379']);
  }
  expect(lane.volumes).toContain('redis:/data');
  expect(views.volumes).toEqual(['./infra/redis-views.conf:/etc/redis/redis.conf:ro']);
});

test('a worker has no name and no port that a second one could not have', () => {
  expect(services.worker).not.toHaveProperty('container_name');
  expect(services.worker).not.toHaveProperty('ports');
});

test('what the stores keep is in named volumes, and every file that is mounted exists', () => {
  const mounts = Object.values(services).flatMap((service) =>
    (service.volumes ?? []).map((mount) => mount.split(':')),
  );
  const files = mounts.filter(([source]) => source?.startsWith('.'));
  expect(files).toEqual([
    ['./infra/redis.conf', '/etc/redis/redis.conf', 'ro'],
    ['./infra/redis-views.conf', '/etc/redis/redis.conf', 'ro'],
    ['./infra/prometheus', '/etc/prometheus', 'ro'],
    ['./infra/grafana/provisioning', '/etc/grafana/provisioning', 'ro'],
    ['./infra/grafana/dashboards', '/etc/grafana/dashboards', 'ro'],
  ]);
  for (const [source] of files) expect(existsSync(join(root, source!))).toBe(true);
  const named = mounts.filter((mount) => !files.includes(mount)).map(([source]) => source);
  expect(named).toEqual(Object.keys(volumes));
});

test.each(['api', 'worker', 'postgres', 'redis', 'redis-views'])(
  '%s has longer to end than a process may drain',
  (name) => {
    expect(Number.parseInt(services[name]?.stop_grace_period ?? '', 10)).toBeGreaterThan(20);
  },
);

test.each(Object.keys(services))(
  '%s can write nowhere but to its volumes, and gains no privileges',
  (name) => {
    expect(services[name]).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  },
);

test('Prometheus and Grafana are given files that exist, at versions that are pinned, and nobody can change anything', () => {
  const { prometheus, grafana } = services;
  for (const { image } of [prometheus!, grafana!]) expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
  expect(prometheus!.command).toContain('--config.file=/etc/prometheus/prometheus.yml');
  expect(existsSync(join(root, 'infra/prometheus/prometheus.yml'))).toBe(true);
  const home = grafana!.environment!.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH!;
  expect(existsSync(join(root, home.replace('/etc/grafana', 'infra/grafana')))).toBe(true);
  expect(grafana!.environment).toMatchObject({
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
    GF_AUTH_DISABLE_LOGIN_FORM: 'true',
    GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: 'true',
  });
});
