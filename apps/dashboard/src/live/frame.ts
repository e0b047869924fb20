import type { EventType } from '@event-tracker/domain';

export const eventTypes = [
  'PAGE_VIEW',
  'CLICK',
  'SEARCH',
  'LIKE',
  'UNLIKE',
] as const satisfies readonly EventType[];
export const windows = ['1m', '5m', '15m', '1h', '6h', '24h', 'all'] as const;
export type StatisticsWindow = (typeof windows)[number];

/** What GET /api/stream sends each second. */
export interface Frame {
  at: string;
  perSecond: Record<EventType, number>;
  keywords: { keyword: string; count: number }[];
  posts: { postId: number; count: number }[];
  lanes: { name: 'fast' | 'durable' | 'fold'; waiting: number | null; oldestSeconds: number | null }[];
  workers: number;
  breakers: Record<string, 'open' | 'closed'>;
  source: 'redis' | 'postgres' | null;
  hasEvents: boolean | null;
}
