-- A row for every pair that has none, so that there is something to lock: not liked, before all time.
-- $1 post_id, $2 user_id
insert into like_state (post_id, user_id, liked, occurred_at, event_id)
select post_id, user_id, false, '-infinity', '00000000-0000-0000-0000-000000000000'
from unnest($1::bigint[], $2::bigint[]) as new (post_id, user_id)
order by post_id, user_id
on conflict do nothing
