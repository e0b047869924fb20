import type { EventType } from './events/registry.ts';
import type { Grain } from './time.ts';

/** What the views show: the absolute count of one bucket, type and subject. */
export interface SubjectCount {
  grain: Grain;
  /** Start of the bucket, in milliseconds since the epoch. */
  bucket: number;
  eventType: EventType;
  subject: string;
  count: number;
}
