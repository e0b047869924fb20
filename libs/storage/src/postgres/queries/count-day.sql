-- The events of one UTC day. $1 day
select count(*) as rows
from event
where occurred_at >= (select $1::date::timestamp at time zone 'UTC')
  and occurred_at < (select ($1::date + 1)::timestamp at time zone 'UTC')
