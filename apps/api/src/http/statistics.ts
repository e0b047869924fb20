import {
  type FieldError,
  readEventType,
  type SubjectKind,
  seriesSpan,
  strategies,
  subjectId,
} from '@event-tracker/domain';
import type { Request } from 'express';
import type { z } from 'zod';
import type { Ranking, Statistics } from '../reads/statistics.ts';
import { createQueryReader, type Read, type Reads, type Reply } from './reads-first.ts';
import {
  type componentsTopAnswer,
  componentsTopQuery,
  type countAnswer,
  countQuery,
  type keywordsTopAnswer,
  keywordsTopQuery,
  type postsTopAnswer,
  postsTopQuery,
  type timeSeriesAnswer,
  timeSeriesQuery,
} from './statistics-schemas.ts';
import { rangeErrors } from './time-series-range.ts';

/** The filter without which a count of a type would say nothing. */
const filterOf = { component: 'componentId', keyword: 'keyword', post: 'postId' } as const satisfies Record<
  SubjectKind,
  string
>;

/** Told together with what else is wrong: hence by what was given, not by what was parsed. */
function missingFilter(query: Request['query']): FieldError[] {
  const type = readEventType(query.eventType);
  if (type === undefined) return [];
  const path = filterOf[strategies[type].subjectKind];
  return query[path] === undefined ? [{ path, message: `is required for ${type}` }] : [];
}

/** The text of a ranking is made once, however many readers it is given to while it is cached. */
function once(make: (ranking: Ranking) => object): (ranking: Ranking) => Reply {
  const made = new WeakMap<Ranking, Reply>();
  return (ranking) => {
    let reply = made.get(ranking);
    if (reply === undefined) {
      reply = { json: JSON.stringify(make(ranking)), servedBy: ranking.servedBy };
      made.set(ranking, reply);
    }
    return reply;
  };
}

export function statisticsReads({ statistics }: { statistics: Statistics }): Reads {
  const readCount = createQueryReader(countQuery, missingFilter);
  const readTimeSeries = createQueryReader(timeSeriesQuery, rangeErrors);

  return new Map<string, Read>([
    [
      '/api/statistics',
      async (search) => {
        const { eventType, window, ...filter } = readCount(search);
        const { value, servedBy } = await statistics.count(eventType, filter, window);
        return { json: JSON.stringify({ count: value } satisfies z.infer<typeof countAnswer>), servedBy };
      },
    ],
    ['/api/statistics/keywords/top', keywordsTop(statistics)],
    ['/api/statistics/posts/top', postsTop(statistics)],
    ['/api/statistics/components/top', componentsTop(statistics)],
    [
      '/api/statistics/timeseries',
      async (search) => {
        const { eventType, from, to, interval, ...filter } = readTimeSeries(search);
        const span = seriesSpan(from, to, interval);
        const { value, servedBy } = await statistics.series(eventType, filter, span);
        const points = value.map(({ at, count }) => ({ at: new Date(at).toISOString(), count }));
        const body: z.infer<typeof timeSeriesAnswer> = { interval, points };
        return { json: JSON.stringify(body), servedBy };
      },
    ],
  ]);
}

function keywordsTop(statistics: Statistics): Read {
  const read = createQueryReader(keywordsTopQuery);
  const reply = once(
    ({ window, value }: Ranking): z.infer<typeof keywordsTopAnswer> => ({
      window,
      keywords: value.map(({ subject, count }) => ({ keyword: subject, count })),
    }),
  );
  return async (search) => {
    const { window, limit } = read(search);
    return reply(await statistics.ranking('SEARCH', window, limit));
  };
}

function postsTop(statistics: Statistics): Read {
  const read = createQueryReader(postsTopQuery);
  const reply = once(
    ({ window, value }: Ranking): z.infer<typeof postsTopAnswer> => ({
      window,
      posts: value.map(({ subject, count }) => ({ postId: subjectId(subject), count })),
    }),
  );
  return async (search) => {
    const { window, limit } = read(search);
    return reply(await statistics.ranking('LIKE', window, limit));
  };
}

function componentsTop(statistics: Statistics): Read {
  const read = createQueryReader(componentsTopQuery);
  const reply = once(
    ({ window, value }: Ranking): z.infer<typeof componentsTopAnswer> => ({
      window,
      components: value.map(({ subject, count }) => ({ componentId: subjectId(subject), count })),
    }),
  );
  return async (search) => {
    const { eventType, window, limit } = read(search);
    return reply(await statistics.ranking(eventType, window, limit));
  };
}
