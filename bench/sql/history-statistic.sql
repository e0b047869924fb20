-- The finest counts of the events of five minutes. Every like and unlike is taken to have had its effect.
-- $1 start of the five minutes
insert into statistic (minute, event_type, component_id, keyword, post_id, count)
select date_trunc('minute', occurred_at), event_type, component_id, keyword, post_id, count(*)
from event
where occurred_at >= $1::timestamptz and occurred_at < $1::timestamptz + interval '5 minutes'
group by 1, 2, 3, 4, 5
order by 1, 2, 3, 4, 5
