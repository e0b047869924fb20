-- Waits for the folds of a shard, and keeps others off until the transaction ends. $1 shard
select pg_advisory_xact_lock(hashtext('event_tracker.fold'), $1::integer)
