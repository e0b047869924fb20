-- Counts by any filters in each bucket of a span that has one, from the finest counts.
-- $1 length of a bucket, $2 inclusive, $3 exclusive, in milliseconds since the epoch; $4 event_type, $5 component_id,
-- $6 keyword, $7 post_id, each of the last three null where it does not matter
select (extract(epoch from minute) * 1000)::float8 - (extract(epoch from minute) * 1000)::bigint % $1::bigint as bucket,
  sum(count)::bigint as count
from statistic
where minute >= to_timestamp($2::float8 / 1000) and minute < to_timestamp($3::float8 / 1000)
  and event_type = $4
  and ($5::bigint is null or component_id = $5)
  and ($6::text is null or keyword = $6)
  and ($7::bigint is null or post_id = $7)
group by 1
