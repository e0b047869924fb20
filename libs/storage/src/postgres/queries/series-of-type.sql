-- All subjects' counts together in each bucket of a span that has one.
-- $1 grain, $2 inclusive, $3 exclusive, in milliseconds since the epoch; $4 event_type
select (extract(epoch from bucket) * 1000)::float8 as bucket, sum(count)::bigint as count
from subject_count
where grain = $1
  and bucket >= to_timestamp($2::float8 / 1000) and bucket < to_timestamp($3::float8 / 1000)
  and event_type = $4
group by bucket
