-- What waits to be added up: a row a shard that anything waits in, and one of the books, whose `shard` is null. Ages in
-- milliseconds. $1 versions that are known; $2 whether rows below the low marks are looked for, too
select
  shard, sum(rows)::bigint as rows, sum(size)::bigint as changes, greatest(max(oldest_ms), 0) as "oldestMs",
  sum(unknown)::bigint as unknown, bool_or(below) as below
from (
  select
    f.shard, known::integer as rows, case when known then size else 0 end as size, (not known)::integer as unknown,
    case when known then (extract(epoch from clock_timestamp() - appended_at) * 1000)::float8 end as oldest_ms,
    p.xid < f.low_xid as below
  from fold_shard f
  cross join lateral (
    select xid, size, appended_at, version = any($1::smallint[]) as known
    from pending_change c
    where c.shard = f.shard and c.xid >= case when $2 then '0'::xid8 else f.low_xid end
  ) as p
  union all
  select
    null, known::integer, 0, (not known)::integer,
    case when known then (extract(epoch from clock_timestamp() - appended_at) * 1000)::float8 end, p.xid < b.low_xid
  from fold_books b
  cross join lateral (
    select xid, appended_at, version = any($1::smallint[]) as known
    from pending_entry e
    where e.xid >= case when $2 then '0'::xid8 else b.low_xid end
  ) as p
) as waiting
group by shard
order by shard
