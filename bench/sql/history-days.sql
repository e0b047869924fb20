-- The counts of days that are over, of the events that the history has of each.
-- $1 today, $2 days, $3 events a day
insert into event_day (day, rows)
select $1::date - back, $3::bigint from generate_series(1, $2::integer) as back
on conflict (day) do update set rows = excluded.rows
