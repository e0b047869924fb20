-- Makes one debt of those that have stood for $1 milliseconds: as old as the oldest, of the hours of all. Those that a
-- payment has just taken are left to it. An hour before these 28 is in no view.
with gone as (
  delete from view_debt
  where debt_id = any(array(
    select debt_id
    from view_debt
    where created_at < now() - $1::float8 * interval '1 millisecond'
    order by debt_id
    for update skip locked
  ))
  returning from_minute, to_minute, created_at, hours
),
owed as (
  select unnest(hours) as hour from gone
  union
  select generate_series(
    date_trunc('hour', greatest(from_minute, now() - interval '28 hours'), 'UTC'), to_minute, interval '1 hour')
  from gone
  where hours is null
)
insert into view_debt (from_minute, to_minute, created_at, hours)
select min(from_minute), max(to_minute), min(created_at), array(select hour from owed order by hour)
from gone
having count(*) > 0
