-- The daily partitions whose day has been over for longer than they are kept, oldest first, with how far they have been
-- taken out: `attached`, `detaching` (begun, and interrupted), `detached`. A day of events is left until it was
-- compared with the books, which go by that while it is taken out. A detached table without our mark is somebody's archive.
-- $1 parent, $2 life in milliseconds, $3 the mark
select name, to_char(day, 'YYYY-MM-DD') as day, state
from (
  select
    c.relname as name,
    partition_day(c.relname::text) as day,
    case when i.inhrelid is null then 'detached' when i.inhdetachpending then 'detaching' else 'attached' end as state,
    obj_description(c.oid, 'pg_class') = $3 as marked
  from pg_class c
  left join pg_inherits i on i.inhrelid = c.oid
  where c.relnamespace = 'public'::regnamespace
    and c.relkind = 'r'
    and c.relname ~ ('^' || $1::text || '_[0-9]{8}$')
) as partition
where (day + 1)::timestamp at time zone 'UTC' < now() - $2::float8 * interval '1 millisecond'
  and case
    when state = 'detached' then marked is true
    when state = 'attached' and $1 = 'event'
      then not exists (select from open_span where open_span.day = partition.day)
    else true
  end
order by state = 'attached', day
