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

const window = z.enum(statisticsWindows as [StatisticsWindow, ...StatisticsWindow[]]).default('1h');

const filter = {
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
  ...filter,
  from: momentText,
  to: momentText,
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
