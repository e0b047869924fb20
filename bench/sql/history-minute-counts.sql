-- The counts per minute that views show, of the events of five minutes.
-- $1 start of the five minutes
insert into subject_count (grain, bucket, event_type, subject, count)
select
  'minute', date_trunc('minute', occurred_at), event_type,
  coalesce(keyword, lpad(case when event_type in ('CLICK', 'PAGE_VIEW') then component_id else post_id end::text, 16, '0')),
  count(*)
from event
where occurred_at >= $1::timestamptz and occurred_at < $1::timestamptz + interval '5 minutes'
group by 2, 3, 4
order by 2, 3, 4
