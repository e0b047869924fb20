-- The posts to which most likes that stand were given since $1 (milliseconds since the epoch), ties by newer post.
-- $2 limit; $3 newest likes that are looked at; $4 posts that are counted one by one at most
--
-- A window of at most $3 likes is counted as a whole. Of a larger one the newest likes say which posts are hot, and the
-- likes of some of the hottest are counted: the number of the $2-th of them is the threshold (Fagin, Lotem, Naor 2001). Of a
-- post of which fewer likes stand in all, no more were given in the window; the others are counted one by one. Where these
-- are more than $4, all likes of the window are counted after all.
--
-- Whether a post is here (another system's may be liked, too) is asked from the top down, until enough are found: `offset
-- 0` keeps that a look-up for each.
with newest as materialized (
  select post_id
  from like_state
  where liked and occurred_at >= to_timestamp($1::float8 / 1000)
  order by occurred_at desc
  limit $3::bigint + 1
),
seen as materialized (
  select newest.post_id, count(*) as likes
  from newest
  group by newest.post_id
),
hot as materialized (
  select of_post.post_id, in_window.likes
  from (
    select ranked.post_id
    from (select post_id, likes from seen order by likes desc) as ranked
    cross join lateral (
      select from like_count where like_count.post_id = ranked.post_id and like_count.has_post offset 0
    ) as here
    where (select count(*) from newest) > $3::bigint
    order by ranked.likes desc
    limit 3 * $2::bigint + 50
  ) as of_post
  cross join lateral (
    select count(*) as likes
    from like_state
    where like_state.post_id = of_post.post_id and liked and occurred_at >= to_timestamp($1::float8 / 1000)
  ) as in_window
),
threshold as materialized (
  select
    (select count(*) from newest) <= $3::bigint as is_whole,
    coalesce((select likes from hot order by likes desc offset $2::bigint - 1 limit 1), 1) as likes
),
candidate as materialized (
  select post_id
  from like_count
  where not (select is_whole from threshold)
    and has_post
    and tier >= like_tier((select likes from threshold))
    and likes >= (select likes from threshold)
    and post_id <> all (array(select hot.post_id from hot))
  limit $4::bigint + 1
),
counted as (
  select post_id, likes from seen where (select is_whole from threshold)
  union all
  select post_id, likes from hot where (select count(*) from candidate) <= $4::bigint
  union all
  select candidate.post_id, in_window.likes
  from candidate
  cross join lateral (
    select count(*) as likes
    from like_state
    where like_state.post_id = candidate.post_id and liked and occurred_at >= to_timestamp($1::float8 / 1000)
  ) as in_window
  where (select count(*) from candidate) <= $4::bigint
  union all
  select post_id, count(*)
  from like_state
  where (select count(*) from candidate) > $4::bigint
    and liked and occurred_at >= to_timestamp($1::float8 / 1000)
  group by post_id
),
best as materialized (
  select ranked.post_id, ranked.likes
  from (select post_id, likes from counted where likes > 0 order by likes desc, post_id desc) as ranked
  cross join lateral (
    select from like_count where like_count.post_id = ranked.post_id and like_count.has_post offset 0
  ) as here
  order by ranked.likes desc, ranked.post_id desc
  limit $2::bigint
)
select
  post.post_id as "postId", post.user_id as "userId", post.content, post.image_urls as "imageUrls", post.hashtags,
  (extract(epoch from post.created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from post.updated_at) * 1000)::float8 as "updatedAt",
  like_count.likes as "likeCount", best.likes as "windowLikes"
from best
join post on post.post_id = best.post_id
join like_count on like_count.post_id = best.post_id
order by best.likes desc, best.post_id desc
