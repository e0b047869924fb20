import type { ApiConfig } from '../config.ts';

/** Connections to PostgreSQL that one API opens at most, by what they are for. */
export const databaseConnections = (
  config: Pick<ApiConfig, 'DATABASE_CONNECTIONS_MAX' | 'FLUSHES_IN_FLIGHT_MAX' | 'LIKES_IN_FLIGHT_MAX'>,
) => ({
  reads: config.DATABASE_CONNECTIONS_MAX,
  // While Redis is away all reads come to PostgreSQL, and must not keep events from being taken. Two more: probe and backlog.
  lane: config.FLUSHES_IN_FLIGHT_MAX + 2,
  likes: config.LIKES_IN_FLIGHT_MAX,
});
