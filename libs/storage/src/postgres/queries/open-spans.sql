-- The spans that are to be compared with the rows of `event`, oldest first: of days that are over their whole rest, of today
-- its hours that are; both once they have been over for $1 milliseconds. `fresh`: the day is over, or open as a whole, so
-- all of it is counted, and what was counted of it before is replaced.
with due as (
  select
    day, begins, day::timestamp at time zone 'UTC' as day_begins,
    least(ends, date_trunc('hour', now() - $1::float8 * interval '1 millisecond', 'UTC')) as until,
    ends <= now() - $1::float8 * interval '1 millisecond' as is_over
  from open_span
)
select
  to_char(day, 'YYYY-MM-DD') as day, is_over or begins = day_begins as fresh,
  (extract(epoch from case when is_over then day_begins else begins end) * 1000)::float8 as "from",
  (extract(epoch from until) * 1000)::float8 as "to"
from due
where begins < until
order by day
