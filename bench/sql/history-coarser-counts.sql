-- The same for an hour or a day, from the counts per minute.
-- $1 start of the five minutes, $2 grain
insert into subject_count (grain, bucket, event_type, subject, count)
select $2::text, date_trunc($2::text, bucket), event_type, subject, sum(count)
from subject_count
where grain = 'minute' and bucket >= $1::timestamptz and bucket < $1::timestamptz + interval '5 minutes'
group by 2, 3, 4
order by 2, 3, 4
