-- Sets the states that an event changed. The rows are locked already.
-- $1 post_id, $2 user_id, $3 liked, $4 occurred_at in milliseconds since the epoch, $5 event_id
update like_state s
set liked = new.liked, occurred_at = to_timestamp(new.occurred_at / 1000.0::float8), event_id = new.event_id
from unnest($1::bigint[], $2::bigint[], $3::boolean[], $4::bigint[], $5::uuid[])
  as new (post_id, user_id, liked, occurred_at, event_id)
where s.post_id = new.post_id and s.user_id = new.user_id
