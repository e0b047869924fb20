-- The states of these pairs, locked in key order until the commit.
-- $1 post_id, $2 user_id. Comes back: occurred_at in milliseconds since the epoch
select
  s.post_id, s.user_id, s.liked, s.event_id,
  (extract(epoch from s.occurred_at) * 1000)::float8 as occurred_at
from like_state s
join unnest($1::bigint[], $2::bigint[]) as pair (post_id, user_id)
  on s.post_id = pair.post_id and s.user_id = pair.user_id
order by s.post_id, s.user_id
for update of s
