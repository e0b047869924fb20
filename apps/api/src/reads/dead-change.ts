import { z } from 'zod';

const epochMinutes = z.array(z.int()).length(1);
const one = <Item extends z.ZodType>(item: Item) => z.array(item).length(1);
const id = z.int().nullish();

/** A row of `pending_change` that holds one change; what it does not have is absent. */
const countRow = z.object({
  count_minutes: epochMinutes,
  count_types: one(z.string()),
  count_components: one(id).optional(),
  count_keywords: one(z.string().nullish()).optional(),
  count_posts: one(id).optional(),
  count_values: one(z.int()),
});
const likeRow = z.object({
  like_types: one(z.string()),
  like_users: one(z.int()),
  like_posts: one(z.int()),
  like_times: one(z.int()),
  like_ids: one(z.string()),
});
const recentRow = z.object({
  recent_users: one(z.int()),
  recent_keywords: one(z.string()),
  recent_times: one(z.int()),
});

const minuteMs = 60_000;
const moment = (ms: number) => new Date(ms).toISOString();

/** What a fold could not add up, for people; a row of another shape as it is. */
export function publicChange(row: unknown): unknown {
  const count = countRow.safeParse(row).data;
  if (count) {
    return {
      adds: count.count_values[0],
      minute: moment(count.count_minutes[0]! * minuteMs),
      eventType: count.count_types[0],
      ...given({
        componentId: count.count_components?.[0],
        keyword: count.count_keywords?.[0],
        postId: count.count_posts?.[0],
      }),
    };
  }
  const like = likeRow.safeParse(row).data;
  if (like) {
    return {
      eventType: like.like_types[0],
      userId: like.like_users[0],
      postId: like.like_posts[0],
      occurredAt: moment(like.like_times[0]!),
      eventId: like.like_ids[0],
    };
  }
  const recent = recentRow.safeParse(row).data;
  if (recent) {
    return {
      recentKeyword: recent.recent_keywords[0],
      userId: recent.recent_users[0],
      occurredAt: moment(recent.recent_times[0]!),
    };
  }
  return row;
}

const given = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
