-- States of pairs that have none yet. Comes back: those pairs; the others have a state, which is to be locked and read.
-- $1 post_id, $2 user_id, $3 liked, $4 occurred_at in milliseconds since the epoch, $5 event_id
insert into like_state (post_id, user_id, liked, occurred_at, event_id)
select post_id, user_id, liked, to_timestamp(occurred_at / 1000.0::float8), event_id
from unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::bigint[], $5::uuid[])
  as new (post_id, user_id, liked, occurred_at, event_id)
order by post_id, user_id
on conflict do nothing
returning post_id, user_id
