-- Waits for the commits that have marked the day and are under way; comes back: its late commits so far.
-- $1 day
insert into event_day (day) values ($1)
on conflict (day) do update set day = excluded.day
returning late_commits
