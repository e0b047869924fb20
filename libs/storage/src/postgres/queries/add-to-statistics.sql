-- $1 minute in milliseconds since the epoch, $2 event_type, $3 component_id, $4 keyword, $5 post_id, $6 count to add;
-- one row a key, in an order that all workers share
insert into statistic (minute, event_type, component_id, keyword, post_id, count)
select to_timestamp(minute / 1000.0::float8), event_type, component_id, keyword, post_id, count
from unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[])
  as new (minute, event_type, component_id, keyword, post_id, count)
on conflict (minute, event_type, component_id, keyword, post_id) do update
set count = statistic.count + excluded.count
