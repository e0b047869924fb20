import { eventBytes, type TrackedEvent } from '@event-tracker/domain';

/** What a worker holds of all its lanes, whatever the number of its jobs. */
export interface HeldJobs {
  /** Counts a job by its payload, from when it is fetched; answers how to let it go. */
  hold(payload: unknown): () => void;
  /** For how many jobs more there is room, if they are as heavy as those of late. */
  room(): number;
  events(): number;
  /** About what these take in memory. */
  bytes(): number;
}

export interface HeldLimits {
  eventsMax: number;
  bytesMax: number;
}

/** Of the heaviest job of late: so much is forgotten with each lighter one. */
const forgotten = 0.02;
/** Shares are fractions: ten of a tenth fit. */
const rounding = 1e-9;
/** Until the first is weighed there is room for so many. */
const roomAtFirst = 8;

/**
 * Bounds what is held by events and by bytes. How heavy a job is can only be told once it is fetched, so what is fetched
 * at a time is bounded by the heaviest of late.
 */
export function createHeldJobs({ eventsMax, bytesMax }: HeldLimits): HeldJobs {
  let jobs = 0;
  let events = 0;
  let bytes = 0;
  /** As a share of all there may be. */
  let heaviest = 1 / roomAtFirst;

  const shareOf = (ofEvents: number, ofBytes: number) => Math.max(ofEvents / eventsMax, ofBytes / bytesMax);

  return {
    hold(payload) {
      const weight = weigh(payload);
      heaviest = Math.max(shareOf(weight.events, weight.bytes), heaviest * (1 - forgotten));
      jobs += 1;
      events += weight.events;
      bytes += weight.bytes;
      return () => {
        jobs -= 1;
        events -= weight.events;
        bytes -= weight.bytes;
      };
    },
    // One that is beyond the limits by itself is taken when nothing else is held: else it could never be.
    room: () => Math.max(jobs === 0 ? 1 : 0, Math.floor((1 - shareOf(events, bytes)) / heaviest + rounding)),
    events: () => events,
    bytes: () => bytes,
  };
}

/** Of what is no batch nothing but its job is known: it is not held for long. */
function weigh(payload: unknown): { events: number; bytes: number } {
  const { events } = (payload ?? {}) as { events?: unknown };
  if (!Array.isArray(events)) return { events: 0, bytes: 0 };
  let bytes = 0;
  for (const event of events as (Partial<TrackedEvent> | null)[]) bytes += eventBytes(event ?? {});
  return { events: events.length, bytes };
}
