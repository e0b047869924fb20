-- A debt of these hours, to be paid by any worker, also one of the release before. $1 starts of hours in milliseconds since
-- the epoch
insert into view_debt (from_minute, to_minute, hours)
select min(hour), max(hour) + interval '59 minutes', array_agg(hour order by hour)
from (
  select to_timestamp(milliseconds / 1000.0::float8) as hour from unnest($1::bigint[]) as milliseconds
) as owed
having count(*) > 0
