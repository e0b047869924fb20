-- Ends the sessions that hold a shard, have run their fold for $1 milliseconds, and wait for their client: it has stopped
-- reading, or sending. No time-out of a statement reaches such a session. Comes back: how many were ended
select count(*) filter (where pg_terminate_backend(pid))::integer as ended
from (
  select distinct holder.pid
  from pg_locks held
  join pg_stat_activity holder on holder.pid = held.pid
  where held.locktype = 'advisory' and held.granted and held.objsubid = 2
    and held.database = (select oid from pg_database where datname = current_database())
    and held.classid::bigint = hashtext('event_tracker.fold')::bigint & 4294967295
    and holder.wait_event_type = 'Client'
    and holder.query_start < clock_timestamp() - $1::float8 * interval '1 millisecond'
) as stopped
