-- The posts with a hashtag, most liked first, then newer. $1 hashtag, $2 limit. By tiers, as popular-posts-of-all-time
with edge as materialized (
  select coalesce((
    select tier from post_hashtag where hashtag = $1 order by tier desc, post_id desc offset $2::bigint - 1 limit 1
  ), 0) as tier
),
candidate as (
  select post_id from post_hashtag where hashtag = $1 and tier > (select tier from edge)
  union all
  (
    select post_id from post_hashtag where hashtag = $1 and tier = (select tier from edge)
    order by post_id desc
    limit (select case when tier <= 3 then $2::bigint end from edge)
  )
),
best as materialized (
  select candidate.post_id, like_count.likes
  from candidate
  join like_count on like_count.post_id = candidate.post_id
  order by like_count.likes desc, candidate.post_id desc
  limit $2::bigint
)
select
  post.post_id as "postId", post.user_id as "userId", post.content, post.image_urls as "imageUrls", post.hashtags,
  (extract(epoch from post.created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from post.updated_at) * 1000)::float8 as "updatedAt",
  best.likes as "likeCount"
from best
join post on post.post_id = best.post_id
order by best.likes desc, best.post_id desc
