-- The posts of which most likes stand, ties by newer post; those without likes left out. $1 limit
-- Fewer than $1 posts lie in the tiers above that of the last one. In its own a number may be any of the tier's, unless the
-- tier holds one number alone (up to 3): then the newest are enough.
with edge as materialized (
  select coalesce((
    select tier from like_count where has_post and tier > 0 order by tier desc, post_id desc offset $1::bigint - 1 limit 1
  ), 1) as tier
),
candidate as (
  select post_id, likes from like_count where has_post and tier > (select tier from edge)
  union all
  (
    select post_id, likes from like_count where has_post and tier = (select tier from edge)
    order by post_id desc
    limit (select case when tier <= 3 then $1::bigint end from edge)
  )
),
best as materialized (
  select post_id, likes from candidate order by likes desc, post_id desc limit $1::bigint
)
select
  post.post_id as "postId", post.user_id as "userId", post.content, post.image_urls as "imageUrls", post.hashtags,
  (extract(epoch from post.created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from post.updated_at) * 1000)::float8 as "updatedAt",
  best.likes as "likeCount", best.likes as "windowLikes"
from best
join post on post.post_id = best.post_id
order by best.likes desc, best.post_id desc
