-- $1 post_id
select
  post.post_id as "postId", post.user_id as "userId", post.content, post.image_urls as "imageUrls", post.hashtags,
  (extract(epoch from post.created_at) * 1000)::float8 as "createdAt",
  (extract(epoch from post.updated_at) * 1000)::float8 as "updatedAt",
  coalesce(like_count.likes, 0) as "likeCount"
from post
left join like_count on like_count.post_id = post.post_id
where post.post_id = $1
