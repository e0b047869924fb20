-- Up Migration

-- Events of the day that were stored and are no more: their partition was dropped. A replay may make it anew.
alter table event_day add column dropped bigint not null default 0;

-- Drops a partition that is detached, and so written to by nobody. The events that go are counted in the transaction in
-- which they go: the books balance before it and after it.
create function drop_partition(parent text, of_day date) returns void language plpgsql as $$
declare
  name text := format('%s_%s', parent, to_char(of_day, 'YYYYMMDD'));
  gone bigint;
begin
  perform pg_advisory_xact_lock(hashtext('event_tracker.' || name));
  if to_regclass(name) is null then
    return;
  end if;
  if parent = 'event' then
    execute format('select count(*) from %I', name) into gone;
    insert into event_day as kept (day, dropped) values (of_day, gone)
    on conflict (day) do update set dropped = kept.dropped + excluded.dropped, rows = null;
  end if;
  execute format('drop table %I', name);
end
$$;
