/** How the global set-up tells the test files, in other processes, where the run's PostgreSQL is. */
export const runDatabaseVariable = 'EVENT_TRACKER_TEST_DATABASE_URL';
/** And where a migrated cluster is that nobody runs, to be copied. */
export const runClusterVariable = 'EVENT_TRACKER_TEST_CLUSTER';

/** Migrated once a run; each test file gets a copy of it. */
export const templateDatabase = 'event_tracker_template';

/** The same server, another database. */
export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** What the global set-up has put there. */
export function ofRun(variable: string): string {
  const value = process.env[variable];
  if (value) return value;
  throw new Error(
    'no PostgreSQL runs for these tests: stores are for *.int.test.ts and *.e2e.test.ts, run by Jest',
  );
}
