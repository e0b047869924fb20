-- $1 first minute, $2 last minute whose counts this commit touches; milliseconds since the epoch
insert into view_debt (from_minute, to_minute)
values (to_timestamp($1::float8 / 1000), to_timestamp($2::float8 / 1000))
returning debt_id
