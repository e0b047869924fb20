-- A few counts of each bucket.
-- $1 grain, $2 bucket in milliseconds since the epoch, $3 event_type; $4 counts a bucket at most
select asked.grain, asked.bucket::float8 as bucket, asked.event_type, found.subject, found.count
from unnest($1::text[], $2::bigint[], $3::text[]) as asked (grain, bucket, event_type)
cross join lateral (
  select s.subject, s.count
  from subject_count s
  where s.grain = asked.grain
    and s.bucket = to_timestamp(asked.bucket / 1000.0::float8)
    and s.event_type = asked.event_type
  order by s.subject
  limit $4
) as found
