-- The counts of single subjects, 0 where there is none; in the order of the arrays.
-- $1 grain, $2 bucket in milliseconds since the epoch, $3 event_type, $4 subject
select coalesce(found.count, 0) as count
from unnest($1::text[], $2::bigint[], $3::text[], $4::text[])
  with ordinality as asked (grain, bucket, event_type, subject, place)
-- The limit keeps this a look-up each: a join may come to read whole days.
left join lateral (
  select s.count
  from subject_count s
  where s.grain = asked.grain
    and s.bucket = to_timestamp(asked.bucket / 1000.0::float8)
    and s.event_type = asked.event_type
    and s.subject = asked.subject
  limit 1
) as found on true
order by place
