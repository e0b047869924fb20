-- Compares the hours of one UTC day from $2 to $3, milliseconds since the epoch, with the rows of `event`; all as of one
-- snapshot. $1 day; with $4 the comparison begins anew, else it goes on where the last one ended
insert into event_check as known (day, until, difference, late_commits)
select
  $1::date,
  to_timestamp($3::float8 / 1000),
  (select count(*) from event where occurred_at >= to_timestamp($2::float8 / 1000) and occurred_at < to_timestamp($3::float8 / 1000))
    - (select coalesce(sum(stored), 0) from pending_entry
       where hour >= to_timestamp($2::float8 / 1000) and hour < to_timestamp($3::float8 / 1000))
    - (select coalesce(sum(stored), 0) from event_hour
       where hour >= to_timestamp($2::float8 / 1000) and hour < to_timestamp($3::float8 / 1000)),
  coalesce((select late_commits from event_day where day = $1::date), 0)
on conflict (day) do update set
  until = excluded.until,
  difference = excluded.difference + case when $4 then 0 else known.difference end,
  late_commits = excluded.late_commits
-- Another process may have gone on with the same day meanwhile: its hours are not entered twice.
where $4 or known.until = to_timestamp($2::float8 / 1000)
