import {
  type EventType,
  eventTypes,
  type Grain,
  grains,
  keywordText,
  type StatisticsWindow,
  statisticsWindows,
  strategies,
} from '@event-tracker/domain';
import { z } from 'zod';
import { eventTypeText, idText, limitText, momentText } from './query.ts';

const window = z
  .enum(statisticsWindows as [StatisticsWindow, ...StatisticsWindow[]])
  .default('1h')
  .meta({
    description:
      'Whole UTC minutes that end with the current one; `1m` is this minute alone, `all` begins with the first event kept.',
  });

const filter = {
  componentId: idText.optional().meta({ description: 'Required for `CLICK` and `PAGE_VIEW`.' }),
  keyword: keywordText.optional().meta({ description: 'Required for `SEARCH`. Compared normalised.' }),
  postId: idText.optional().meta({ description: 'Required for `LIKE` and `UNLIKE`.' }),
};

/** A time series has none that is required. */
const seriesFilter = {
  componentId: idText.optional(),
  keyword: keywordText.optional(),
  postId: idText.optional(),
};

export const countQuery = z.object({ eventType: eventTypeText, ...filter, window });

export const keywordsTopQuery = z.object({ window, limit: limitText(5) });

export const postsTopQuery = z.object({ window, limit: limitText(10) });

/** The types that are counted by component. Of the others a component is not what they are about. */
const componentTypes = eventTypes.filter((type) => strategies[type].subjectKind === 'component');

export const componentsTopQuery = z.object({
  eventType: eventTypeText
    .refine((type: EventType) => componentTypes.includes(type), `must be one of ${componentTypes.join(', ')}`)
    .default('CLICK'),
  window,
  limit: limitText(10),
});

export const intervals = Object.keys(grains) as [Grain, ...Grain[]];

export const timeSeriesQuery = z.object({
  eventType: eventTypeText,
  ...seriesFilter,
  from: momentText.meta({ description: 'Inclusive, cut to the interval.' }),
  to: momentText.meta({ description: 'Exclusive, cut to the interval.' }),
  interval: z.enum(intervals),
});

const count = z.int();
const id = z.int();

export const countAnswer = z.object({ count });

export const keywordsTopAnswer = z.object({
  window,
  keywords: z.array(z.object({ keyword: z.string(), count })),
});

export const postsTopAnswer = z.object({ window, posts: z.array(z.object({ postId: id, count })) });

export const componentsTopAnswer = z.object({
  window,
  components: z.array(z.object({ componentId: id, count })),
});

export const timeSeriesAnswer = z.object({
  interval: z.enum(intervals),
  points: z.array(z.object({ at: z.iso.datetime(), count })),
});
