/** How the global set-up tells the test files, in other processes, where the run's PostgreSQL is. */
export const runDatabaseVariable = 'EVENT_TRACKER_TEST_DATABASE_URL';

/** Migrated once a run; each test file gets a copy of it. */
export const templateDatabase = 'event_tracker_template';

/** The same server, another database. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
