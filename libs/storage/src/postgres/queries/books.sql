-- The books, in events: what the commits entered, and the rows that stand for it.
select
  coalesce(sum(received), 0)::bigint as received,
  coalesce(sum(stored), 0)::bigint as stored,
  coalesce(sum(duplicate), 0)::bigint as duplicate,
  coalesce(sum(dead), 0)::bigint as dead,
  coalesce(sum(greatest(acknowledged - received, 0)), 0)::bigint as uncommitted,
  (select count(*) from event) as rows,
  (select count(*) from view_debt) as debts
from producer
