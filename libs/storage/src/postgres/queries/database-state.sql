-- What an operator has to see of the database. Cheap: file sizes, the catalogue, few rows.
-- $1 today (UTC)
-- out: bytes of the database; partitions of `event` that today and the two days after it lack; dead letters that were
-- not replayed (10,000 at most are counted); age of the oldest view debt in seconds, null without any
select
  pg_database_size(current_database())::bigint as bytes,
  (
    select count(*) from generate_series(0, 2) as ahead
    where to_regclass('event_' || to_char($1::date + ahead, 'YYYYMMDD')) is null
  )::int as "partitionsMissing",
  (
    select count(*) from (select from dead_letter where replayed_at is null limit 10000) as unreplayed
  )::int as "deadLetters",
  (select extract(epoch from now() - min(created_at)) from view_debt)::float8 as "oldestDebtSeconds"
