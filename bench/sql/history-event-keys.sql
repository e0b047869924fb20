-- Ids that clients supplied, for half of the events of five minutes.
-- $1 start of the five minutes, $2 number of events in it
insert into event_key (event_id, committed_at)
select gen_random_uuid() as event_id, $1::timestamptz
from generate_series(1, $2::integer / 2)
order by event_id
