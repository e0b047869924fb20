-- What the commits would have kept, row by row: the number of likes of each post, and where its hashtags stand.
alter table like_count disable trigger like_count_moved;
update like_count set likes = counted.likes
from (select post_id, count(*) as likes from like_state where liked group by post_id) as counted
where like_count.post_id = counted.post_id;
alter table like_count enable trigger like_count_moved;
update post_hashtag set tier = like_count.tier
from like_count
where like_count.post_id = post_hashtag.post_id and like_count.tier <> post_hashtag.tier
