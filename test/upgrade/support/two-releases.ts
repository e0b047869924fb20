import { join } from 'node:path';
import {
  createTestDatabase,
  createTestFolder,
  runProgram,
  startApi,
  startTestRedis,
  startWorker,
  type TestProcess,
  type TestStore,
  untilReady,
  writeCommitTree,
} from '@event-tracker/testing';
import { Redis } from 'ioredis';
import pg from 'pg';

/** The processes of one release, on the stores that both share. */
export interface Release {
  startApi(): Promise<TestProcess>;
  startWorkers(count: number): Promise<TestProcess[]>;
  /** `npm run …`; throws unless it succeeds. */
  run(program: 'migrate' | 'fold'): Promise<void>;
}

export interface TwoReleases {
  old: Release;
  new: Release;
  database: pg.Client;
  lane: Redis;
  views: Redis;
  /** The Redis of the views alone, which may be away. */
  viewsStore: TestStore;
  close(): Promise<void>;
}

/** Stores without a schema, this checkout, and the release before it. */
export async function openTwoReleases(commit: string): Promise<TwoReleases> {
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const one of closers.reverse()) await one();
  };
  const folder = createTestFolder();
  closers.push(folder.remove);
  try {
    const oldRoot = join(folder.path, 'tree');
    writeCommitTree(commit, oldRoot);
    const testDatabase = await createTestDatabase();
    closers.push(() => testDatabase.drop());
    const [laneStore, viewsStore] = await Promise.all([startTestRedis(), startTestRedis()]);
    closers.push(() => Promise.all([laneStore.stop(), viewsStore.stop()]));
    const database = new pg.Client(testDatabase.url);
    await database.connect();
    closers.push(() => database.end());
    await database.query(
      'drop schema public cascade; drop schema if exists pgboss cascade; create schema public',
    );
    const lane = new Redis<'legacy'>(laneStore.url);
    const views = new Redis<'legacy'>(viewsStore.url);
    views.on('error', () => {});
    closers.push(
      () => lane.disconnect(),
      () => views.disconnect(),
    );
    const env = {
      DATABASE_URL: testDatabase.url,
      REDIS_URL: viewsStore.url,
      QUEUE_REDIS_URL: laneStore.url,
    };
    const started: TestProcess[] = [];
    closers.push(() => Promise.all(started.map((process) => process.stop())));
    const releaseAt = (root?: string): Release => {
      const ready = async (starting: Promise<TestProcess>) => {
        const process = await starting;
        started.push(process);
        await untilReady(process);
        return process;
      };
      return {
        startApi: () => ready(startApi(env, undefined, root)),
        startWorkers: (count) =>
          Promise.all(Array.from({ length: count }, () => ready(startWorker(env, undefined, root)))),
        async run(program) {
          const { code, output, errors } = await runProgram(`apps/worker/src/${program}.ts`, env, root);
          if (code !== 0) throw new Error(`npm run ${program} ended with ${code}: ${output}${errors}`);
        },
      };
    };
    return { old: releaseAt(oldRoot), new: releaseAt(), database, lane, views, viewsStore, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}
