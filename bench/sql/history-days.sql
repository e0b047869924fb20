-- The hours of days that are over, of the events that the history has of each, all at noon; compared with the rows already.
-- $1 today, $2 days, $3 events a day
with past as (
  select $1::date - back as day from generate_series(1, $2::integer) as back
),
entered as (
  insert into event_hour (hour, stored)
  select day::timestamp at time zone 'UTC' + interval '12 hours', $3::bigint from past
  on conflict (hour) do update set stored = excluded.stored
)
insert into event_check (day, until, difference)
select day, (day + 1)::timestamp at time zone 'UTC', 0 from past
on conflict (day) do nothing
