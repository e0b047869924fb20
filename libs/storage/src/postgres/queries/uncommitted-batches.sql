-- Of the batches $1, those that were not committed.
select batch_id from unnest($1::uuid[]) as waiting (batch_id)
where not exists (select from batch where batch.batch_id = waiting.batch_id)
