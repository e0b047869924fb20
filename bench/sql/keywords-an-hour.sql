-- The counts by hour that belong to those by minute.
insert into subject_count (grain, bucket, event_type, subject, count)
select 'hour', date_trunc('hour', bucket), event_type, subject, sum(count)
from subject_count where grain = 'minute'
group by 2, 3, 4
