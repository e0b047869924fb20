-- $1 grain, $2 bucket in milliseconds since the epoch, $3 event_type, $4 subject, $5 count to add; one row a key, in an
-- order that all workers share. Comes back: the absolute counts, in the same units
insert into subject_count (grain, bucket, event_type, subject, count)
select grain, to_timestamp(bucket / 1000.0::float8), event_type, subject, count
from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
  as new (grain, bucket, event_type, subject, count)
on conflict (grain, bucket, event_type, subject) do update
set count = subject_count.count + excluded.count
returning grain, (extract(epoch from bucket) * 1000)::float8 as bucket, event_type, subject, count
