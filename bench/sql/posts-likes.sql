-- $1 posts, $2 likes a post on average, $3 when; half of the likes go to all posts alike, the others to few of them more
-- than to others. All were given within the last 30 days, evenly.
insert into like_state (post_id, user_id, liked, occurred_at, event_id)
select post_id, n, true, $3::timestamptz - random() * interval '30 days', gen_random_uuid()
from generate_series(1, $1::bigint * $2::bigint) as n
cross join lateral (
  select 1 + case when n % 2 = 0 then floor(random() * $1::bigint) else floor($1::bigint * power(random(), 6)) end::bigint
    as post_id
) as chosen
