-- Keeps a day's count unless a late commit came since the counting began.
-- $1 day, $2 rows, $3 its late commits when the counting began
update event_day set rows = $2 where day = $1 and late_commits = $3
