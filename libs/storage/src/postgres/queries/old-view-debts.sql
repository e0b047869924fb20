-- The debts that have stood for $1 milliseconds, oldest first, $2 at most.
select
  debt_id,
  (extract(epoch from from_minute) * 1000)::float8 as from_minute,
  (extract(epoch from to_minute) * 1000)::float8 as to_minute
from view_debt
where created_at < now() - $1::float8 * interval '1 millisecond'
order by debt_id
limit $2
