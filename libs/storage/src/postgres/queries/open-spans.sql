-- The spans that are to be compared with the rows of `event`, oldest first: of days that are over their whole rest, of today
-- its hours that are; both once they have been over for $1 milliseconds. `fresh`: the day is over, so all of it is counted.
with due as (
  select
    day, begins,
    least(ends, date_trunc('hour', now() - $1::float8 * interval '1 millisecond', 'UTC')) as until,
    ends <= now() - $1::float8 * interval '1 millisecond' as fresh
  from open_span
)
select
  to_char(day, 'YYYY-MM-DD') as day, fresh,
  (extract(epoch from case when fresh then day::timestamp at time zone 'UTC' else begins end) * 1000)::float8 as "from",
  (extract(epoch from until) * 1000)::float8 as "to"
from due
where begins < until
order by day
