-- Up Migration

-- How many rows `event` has of a UTC day that is over, so that the books need not count them all. A day without a row,
-- or whose `rows` is null, is counted when asked.
create table event_day (
  day date primary key,
  -- Null: not counted yet, or not since the last late commit.
  rows bigint,
  -- Grows with every commit that holds events of a day before its own: a count is kept only when it still is what it
  -- was before the counting began.
  late_commits bigint not null default 0
) with (fillfactor = 50);
