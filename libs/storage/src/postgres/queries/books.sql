-- The books, in events, all as of one moment: what the commits entered, the rows that stand for it, and what of the
-- jobs on the lanes is not committed.
-- $1 batch ids on the lanes, $2 their numbers of events
select
  coalesce(sum(received), 0)::bigint as received,
  coalesce(sum(stored), 0)::bigint as stored,
  coalesce(sum(duplicate), 0)::bigint as duplicate,
  coalesce(sum(dead), 0)::bigint as dead,
  coalesce(sum(greatest(acknowledged - received, 0)), 0)::bigint as uncommitted,
  (select count(*) from event) as rows,
  (
    select coalesce(sum(event_count), 0)::bigint
    from unnest($1::uuid[], $2::bigint[]) as job (batch_id, event_count)
    where not exists (select from batch where batch.batch_id = job.batch_id)
  ) as "inFlight"
from producer
