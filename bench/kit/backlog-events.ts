import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { type Batch, parseEvent } from '@event-tracker/domain';
import { createScenario, type ScenarioEvent, type ScenarioOptions } from './scenario.ts';

export interface BacklogOptions extends ScenarioOptions {
  events: number;
  perBatch: number;
  /** The events were received evenly at this rate, the last one now. */
  perSecond: number;
  /** The share of events whose id the client made. */
  clientIds?: number;
}

/** An event of a backlog, and when it was received. */
export interface BacklogEvent extends ScenarioEvent {
  eventId?: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** The scenario's events, in batches. */
export function makeBacklog(options: BacklogOptions): BacklogEvent[][] {
  const { events, perBatch, perSecond, clientIds = 0 } = options;
  const next = createScenario(options);
  const endsAt = Date.now();
  const makeEvent = (index: number): BacklogEvent => {
    const hasId = Math.floor((index + 1) * clientIds) > Math.floor(index * clientIds);
    const at = Math.round(endsAt - ((events - 1 - index) / perSecond) * 1000);
    return { ...next(), at, ...(hasId && { eventId: randomUUID() }) };
  };
  return Array.from({ length: Math.ceil(events / perBatch) }, (_, batch) =>
    Array.from({ length: Math.min(perBatch, events - batch * perBatch) }, (_, at) =>
      makeEvent(batch * perBatch + at),
    ),
  );
}

/** Batches as the API makes them of these events. */
export function toBatches(backlog: readonly (readonly BacklogEvent[])[]): Batch[] {
  const producer = randomUUIDv7();
  let acknowledged = 0;
  return backlog.map((events) => {
    const tracked = events.map(({ at, ...event }) => {
      const parsed = parseEvent(event, { now: at, newId: randomUUIDv7 });
      if (!parsed.ok) throw new Error(`the scenario made an invalid event: ${JSON.stringify(parsed.errors)}`);
      return parsed.event;
    });
    const batch = { id: randomUUIDv7(), producer, acknowledged, events: tracked };
    acknowledged += events.length;
    return batch;
  });
}

export const makeBatches = (options: BacklogOptions): Batch[] => toBatches(makeBacklog(options));

/** What a database holds once a backlog is committed and added up. */
export interface Expected {
  stored: number;
  /** Of them by this backlog. */
  added: number;
  /** Page views by component: of some that the last batches have, since they are shown last. */
  pageViews: ReadonlyMap<number, number>;
}

/** So many components tell for the others that their views are up to date: each shard has some, with the shards there are. */
const componentsAsked = 12;

export function expectedOf(backlog: readonly (readonly BacklogEvent[])[]): Expected {
  const views = backlog.flat().filter(({ eventType }) => eventType === 'PAGE_VIEW');
  const components = views.map(({ metadata }) => metadata.componentId);
  const last = new Set(components.toReversed().slice(0, 5 * componentsAsked));
  const asked = [...last].slice(0, componentsAsked);
  const counts = new Map(asked.map((component) => [component, 0]));
  for (const component of components) {
    const count = counts.get(component);
    if (count !== undefined) counts.set(component, count + 1);
  }
  const added = backlog.reduce((sum, events) => sum + events.length, 0);
  return { stored: added, added, pageViews: counts };
}
