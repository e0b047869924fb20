-- Changes how many likes of posts stand; the rows are locked in order of post.
-- $1 post_id, $2 change. Comes back: post_id and how many stand now
insert into like_count (post_id, likes)
select post_id, change
from unnest($1::bigint[], $2::bigint[]) as new (post_id, change)
order by post_id
on conflict (post_id) do update set likes = like_count.likes + excluded.likes
returning post_id, likes
