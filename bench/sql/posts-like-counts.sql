-- What the commits would have kept.
update like_count set likes = counted.likes
from (select post_id, count(*) as likes from like_state where liked group by post_id) as counted
where like_count.post_id = counted.post_id
