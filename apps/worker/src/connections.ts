import type { WorkerConfig } from './config.ts';

/** Connections to PostgreSQL that one worker opens at most, by what they are for. */
export const databaseConnections = (
  config: Pick<WorkerConfig, 'DATABASE_CONNECTIONS_MAX' | 'COMMITS_IN_FLIGHT_MAX'>,
) => ({
  worker: config.DATABASE_CONNECTIONS_MAX,
  // Commits while some are made apart, one that is, and a look whether PostgreSQL takes events.
  apart: config.COMMITS_IN_FLIGHT_MAX + 2,
  // Of the process that tries a batch alone: a commit, and a look for bad events beside it.
  trial: 2,
});
