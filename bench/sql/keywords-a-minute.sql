-- Counts of searches by minute, for 25 hours back and the hour under way. $1 keywords a minute, the same in every one
insert into subject_count (grain, bucket, event_type, subject, count)
select 'minute', minute, 'SEARCH', 'keyword ' || n, 1 + n % 7
from generate_series(date_trunc('hour', now()) - interval '25 hours', date_trunc('minute', now()), interval '1 minute') as minute
cross join generate_series(1, $1::int) as n
