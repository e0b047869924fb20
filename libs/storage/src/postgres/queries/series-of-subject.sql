-- One subject's count in each bucket of a span that has one: a look into the key for each bucket, however many other
-- subjects it has.
-- $1 grain, $2 inclusive, $3 exclusive, $4 length of a bucket, in milliseconds since the epoch; $5 event_type, $6 subject
select asked.bucket::float8 as bucket, s.count
from generate_series($2::bigint, $3::bigint - 1, $4::bigint) as asked (bucket)
cross join lateral (
  select count
  from subject_count
  where grain = $1
    and bucket = to_timestamp(asked.bucket / 1000.0::float8)
    and event_type = $5
    and subject = $6
) as s
