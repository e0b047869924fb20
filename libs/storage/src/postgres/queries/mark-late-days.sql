-- Says of days that are over that their rows must be counted anew. It always writes, and so holds the days' rows until
-- the commit: whoever counts them waits for it.
-- $1 days
insert into event_day (day, late_commits)
select day, 1 from unnest($1::date[]) as late (day)
order by day
on conflict (day) do update set rows = null, late_commits = event_day.late_commits + 1
