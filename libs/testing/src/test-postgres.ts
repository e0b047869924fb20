import { startPostgres } from '@event-tracker/infra';
import { migrate } from '@event-tracker/storage';
import { createTestStore, type TestStore } from './test-store.ts';

/** Nothing of a test has to survive a power cut, and without fsync a run takes a fraction of the time. */
const fastSettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '64MB',
};

/** An empty PostgreSQL; settings win over those that make it fast and forgetful. */
export const startServer = (settings: Record<string, string | number> = {}): Promise<TestStore> =>
  createTestStore(startPostgres, { ...fastSettings, ...settings });

/**
 * A PostgreSQL of this test file's own, migrated, to be killed and hung; a file that only wants data takes
 * `createTestDatabase`. Pass `{ fsync: 'on', synchronous_commit: 'on' }` where the machine's crash is what is tested.
 */
export async function startTestPostgres(settings?: Record<string, string | number>): Promise<TestStore> {
  const store = await startServer(settings);
  try {
    await migrate(store.url);
    return store;
  } catch (cause) {
    await store.stop();
    throw cause;
  }
}
