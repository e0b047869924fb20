import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { loadCompose } from './support/compose.ts';
import { parseCommand, parseDockerfile } from './support/dockerfile.ts';

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const { stages } = parseDockerfile(readFileSync(join(root, 'infra/docker/Dockerfile'), 'utf8'));
const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
const hosts = ['127.0.0.1', '0.0.0.0', '127.0.0.2', ...(hasIPv6 ? ['::', '::1'] : [])];

/** The exit code of an image's health check, with a process that listens on `host` and answers /readyz with `status`. */
async function healthOf(target: 'api' | 'worker', host: string, status: number): Promise<number> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/readyz' ? status : 404).end();
  }).listen(0, host);
  await once(server, 'listening');
  const port = String((server.address() as AddressInfo).port);
  const check = stages.get(target)!.instructions.find(({ name }) => name === 'HEALTHCHECK')!;
  const [, ...args] = parseCommand(check.args);
  const variable = { api: 'PORT', worker: 'WORKER_PORT' }[target];
  const env = { PATH: process.env.PATH, HOST: host, [variable]: port };
  try {
    return await new Promise((settle) => {
      execFile(process.execPath, args, { cwd: root, env }, (cause) => settle(Number(cause?.code ?? 0)));
    });
  } finally {
    server.close();
  }
}

describe.each(['api', 'worker'] as const)('the health check of the image of the %s', (target) => {
  test.each(hosts)('finds a process that listens on %s', async (host) => {
    expect(await healthOf(target, host, 200)).toBe(0);
  });

  test('is not content with a process that is not ready', async () => {
    expect(await healthOf(target, '127.0.0.1', 503)).toBe(1);
  });
});

test('the stores in containers are asked by a name, which is an address of either family', () => {
  const { services } = loadCompose(join(root, 'docker-compose.yml'), {});
  for (const name of ['postgres', 'redis']) {
    const check = services[name]!.healthcheck!.test.join(' ');
    expect(check).toContain('localhost');
    expect(check).not.toContain('127.0.0.1');
  }
});

test('a network has one family, so that no process is found twice', () => {
  const { networks } = loadCompose(join(root, 'docker-compose.yml'), {});
  expect(networks.default).toEqual({ enable_ipv6: false });
});
