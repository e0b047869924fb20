-- $1 user_id, $2 content, $3 image_urls, $4 hashtags. Comes back: the post; it may have been liked before it was there
with made as (
  insert into post (user_id, content, image_urls, hashtags)
  values ($1, $2, $3, $4)
  returning post_id, user_id, content, image_urls, hashtags, created_at, updated_at
)
select
  post.post_id as "postId", post.user_id as "userId", post.content, post.image_urls as "imageUrls", post.hashtags,
  (extract(epoch from post.created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from post.updated_at) * 1000)::float8 as "updatedAt",
  coalesce(like_count.likes, 0) as "likeCount"
from made as post
left join like_count on like_count.post_id = post.post_id
