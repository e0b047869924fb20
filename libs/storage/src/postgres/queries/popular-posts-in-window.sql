-- The posts to which most likes that stand were given since $1 (milliseconds since the epoch), ties by newer post.
-- $2 limit; $3 posts that are looked up at most: some that are liked may be another system's.
-- Comes back: at least one row, each with how many were looked up; "postId" is null where there is no post at all
with given as materialized (
  select post_id, count(*) as likes
  from like_state
  where liked and occurred_at >= to_timestamp($1::float8 / 1000)
  group by post_id
  order by likes desc, post_id desc
  limit $3::bigint
),
best as (
  select given.post_id, given.likes
  from given
  where exists (select from post where post.post_id = given.post_id)
  order by given.likes desc, given.post_id desc
  limit $2::bigint
)
select
  (select count(*) from given) as "lookedUp",
  post.post_id as "postId", post.user_id as "userId", post.content, post.image_urls as "imageUrls", post.hashtags,
  (extract(epoch from post.created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from post.updated_at) * 1000)::float8 as "updatedAt",
  like_count.likes as "likeCount", best.likes as "windowLikes"
from (select) as once
left join best on true
left join post on post.post_id = best.post_id
left join like_count on like_count.post_id = best.post_id
order by best.likes desc, best.post_id desc
