-- A state for every pair of the scenario's 100 users and 1,000 posts, half of them liked.
-- $1 when
insert into like_state (post_id, user_id, liked, occurred_at, event_id)
select post_id, user_id, (post_id + user_id) % 2 = 0, $1::timestamptz, gen_random_uuid()
from generate_series(1, 1000) as post_id, generate_series(1, 100) as user_id
