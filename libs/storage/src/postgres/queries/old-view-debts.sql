-- The debts that have stood for $1 milliseconds, oldest first, $2 at most. `hours` in order, or null.
select
  debt_id,
  (extract(epoch from from_minute) * 1000)::float8 as from_minute,
  (extract(epoch from to_minute) * 1000)::float8 as to_minute,
  case when hours is not null then
    array(select (extract(epoch from hour) * 1000)::float8 from unnest(hours) as hour order by hour)
  end as hours
from view_debt
where created_at < now() - $1::float8 * interval '1 millisecond'
order by debt_id
limit $2
