-- A count by any filters, from the finest counts.
-- $1 event_type, $2 inclusive, $3 exclusive, in milliseconds since the epoch; $4 component_id, $5 keyword, $6 post_id,
-- each null where it does not matter
select coalesce(sum(count), 0)::bigint as count
from statistic
where event_type = $1
  and minute >= to_timestamp($2::float8 / 1000) and minute < to_timestamp($3::float8 / 1000)
  and ($4::bigint is null or component_id = $4)
  and ($5::text is null or keyword = $5)
  and ($6::bigint is null or post_id = $6)
