import { type EventType, eventTypes, type StatisticsWindow, statisticsWindows } from '@event-tracker/domain';
import { z } from 'zod';

const window = z.enum(statisticsWindows as [StatisticsWindow, ...StatisticsWindow[]]);

export const streamQuery = z.object({
  window: window.default('1h').meta({ description: 'Of the rankings.' }),
});

const count = z.int();
const ofLane = (what: string) => ({ description: `${what}; \`null\` while the lane cannot be measured.` });

export const frame = z
  .object({
    at: z.iso.datetime(),
    perSecond: z
      .object(Object.fromEntries(eventTypes.map((type) => [type, count])) as Record<EventType, typeof count>)
      .meta({ description: 'Events committed since the frame before, about a second ago, by every worker.' }),
    window,
    keywords: z.array(z.object({ keyword: z.string(), count })),
    posts: z.array(z.object({ postId: z.int(), count })),
    lanes: z.array(
      z.object({
        name: z
          .string()
          .meta({ description: '`fast`, `durable`, or `fold`: what is committed and not added up.' }),
        waiting: count
          .nullable()
          .meta(ofLane('Events of the batches that no worker holds, or that are not added up')),
        oldestSeconds: z
          .number()
          .nullable()
          .meta(
            ofLane(
              'Age of the oldest batch that is not completed, held ones included, or of the oldest commit that is not added up',
            ),
          ),
      }),
    ),
    workers: count.meta({ description: 'Workers that were heard within the last four seconds.' }),
    breakers: z
      .record(z.string(), z.enum(['open', 'closed']))
      .meta({ description: 'Of this API, by lane: open while the lane is away.' }),
    source: z.enum(['redis', 'postgres']).nullable().meta({
      description: 'Of the rankings; `null`: no store can answer, and they are those of the last answer.',
    }),
    hasEvents: z
      .boolean()
      .nullable()
      .meta({ description: '`false` before the first event; `null` while that is not known.' }),
  })
  .meta({ id: 'Frame' });
