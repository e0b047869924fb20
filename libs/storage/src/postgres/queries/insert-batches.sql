-- Claims batches for this commit. Comes back: the ids that are ours; the others were committed before.
-- $1 ids, $2 numbers of events; the rows are locked in order of id
insert into batch (batch_id, event_count)
select batch_id, event_count
from unnest($1::uuid[], $2::integer[]) as new (batch_id, event_count)
order by batch_id
on conflict do nothing
returning batch_id
