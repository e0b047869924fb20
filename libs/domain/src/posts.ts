import { z } from 'zod';
import { id } from './events/fields.ts';
import { keywordText } from './events/keyword-text.ts';
import { listOf } from './events/list-of.ts';
import { textWithin } from './events/text.ts';
import { grains } from './time.ts';

const contentMaximum = 10_000;
const imageUrlsMaximum = 10;
const imageUrlMaximum = 2048;
const hashtagsMaximum = 30;

/** Of the web alone: it ends in a page, where `javascript:` would be a script. */
const imageUrl = textWithin(1, imageUrlMaximum).refine((value) => {
  const protocol = URL.parse(value)?.protocol;
  return protocol === 'https:' || protocol === 'http:';
}, 'must be an http or https URL');

const atMost = (maximum: number) => ({ maximum, message: `must be at most ${maximum}` });

/** What somebody posts. Hashtags come out normalised as keywords are, each once, in their order. */
export const newPost = z.strictObject({
  userId: id,
  content: textWithin(1, contentMaximum),
  imageUrls: z
    .preprocess(
      (value, context) => {
        if (typeof value !== 'string') return value;
        // Named as it was given: not as the first of a list.
        for (const { message } of imageUrl.safeParse(value).error?.issues ?? []) context.addIssue(message);
        return [value];
      },
      listOf(imageUrl, atMost(imageUrlsMaximum)),
    )
    .default([])
    .meta({
      description: `Up to ${imageUrlsMaximum} http or https URLs; one may be given as a text.`,
    }),
  hashtags: listOf(keywordText, atMost(hashtagsMaximum))
    .transform((hashtags) => [...new Set(hashtags)])
    .default([])
    .meta({ description: `Up to ${hashtagsMaximum}, normalised as keywords are.` }),
});

export type NewPost = z.output<typeof newPost>;

const lengths = {
  '1h': grains.hour,
  '24h': grains.day,
  '7d': 7 * grains.day,
  '30d': 30 * grains.day,
} as const;

export type PopularWindow = keyof typeof lengths | 'all';

export const popularWindows: readonly PopularWindow[] = [
  ...(Object.keys(lengths) as (keyof typeof lengths)[]),
  'all',
];

/** Likes that were given from then on count in a window, in milliseconds since the epoch; undefined: all of them. */
export function popularSince(window: PopularWindow, now: number): number | undefined {
  return window === 'all' ? undefined : now - lengths[window];
}
